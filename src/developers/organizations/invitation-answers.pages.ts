import { z } from 'zod';
import { type Account, findAccount } from '../../accounts/account.ts';
import { accountActor, browserActor } from '../../accounts/actor.ts';
import { normalizeAddress } from '../../accounts/addresses.ts';
import { SIGN_UP } from '../../accounts/policy.ts';
import { readSession } from '../../accounts/sessions/session-cookie.ts';
import { sessionOf } from '../../accounts/sign-in/require-session.ts';
import { sealTicket, signInPath } from '../../accounts/sign-in/sign-in-ticket.ts';
import { passForInvited } from '../../accounts/sign-up/sign-up-passes.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { renderPage } from '../../platform/web/render.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import type { Words } from '../../platform/words/text-keys.ts';
import { organizationPath } from '../portal-page.ts';
import {
  acceptInvitation,
  declineInvitation,
  findInvitation,
  isInvited,
  type OpenInvitation,
} from './invitation-answers.ts';
import { whatOf } from './invitation-letters.ts';

/** GET /invitations/:invitation: where the letter leads. Does nothing but show it: mail scanners follow links. */
export function showInvitation(platform: Platform): Handler {
  return async (ctx) => {
    const session = await readSession(platform, ctx);
    await renderInvitation(ctx, platform, session && (await findAccount(platform, session.accountId)));
  };
}

/** GET of an answer: back from signing in, to press the button again. */
export const backToInvitation: Handler = (ctx) => seeOther(ctx, pathOf(ctx));

/** POST /invitations/:invitation/acceptance: the form has no field, so nobody can ask for more than is offered. */
export function submitAcceptance(platform: Platform): Handler {
  return async (ctx) => {
    await readForm(ctx, z.object({}));
    const { accountId } = await sessionOf(platform, ctx);
    const handle = handleOf(ctx);
    const app = (await findInvitation(platform, handle))?.app;
    const outcome = await acceptInvitation(platform, accountActor(ctx, accountId), { handle, accountId });
    const account = await findAccount(platform, accountId);
    if (!outcome.ok) return renderInvitation(ctx, platform, account, { frozen: outcome.reason === 'frozen' });
    if (outcome.to.kind !== 'tester')
      return seeOther(ctx, `${organizationPath(outcome.organizationId)}?joined`);
    renderPage(ctx, 'developers/organizations/invitation-answers-tester', { app });
  };
}

/** POST /invitations/:invitation/refusal */
export function submitRefusal(platform: Platform): Handler {
  return async (ctx) => {
    await readForm(ctx, z.object({}));
    const { accountId } = await sessionOf(platform, ctx);
    const answer = { handle: handleOf(ctx), accountId };
    const outcome = await declineInvitation(platform, accountActor(ctx, accountId), answer);
    const account = await findAccount(platform, accountId);
    if (!outcome.ok) return renderInvitation(ctx, platform, account);
    renderPage(ctx, 'developers/organizations/invitation-answers-declined');
  };
}

/**
 * POST /invitations/:invitation/sign-up: on to the form for an account, and back to the invitation from there. Where
 * not everybody may sign up the invitation admits its address, and no other.
 */
export function submitInvitedSignUp(platform: Platform): Handler {
  return async (ctx) => {
    await readForm(ctx, z.object({}));
    const invitation = await findInvitation(platform, handleOf(ctx));
    const address = invitation && normalizeAddress(invitation.email);
    if (!address) return renderInvitation(ctx, platform, undefined);
    const ticket = sealTicket(platform, { returnTo: pathOf(ctx), hint: address.email });
    const query = new URLSearchParams({ ticket });
    if (platform.settings.get(SIGN_UP) !== 'open') {
      const pass = await passForInvited(platform, browserActor(ctx), address);
      if (pass) query.set('pass', pass.secret);
    }
    seeOther(ctx, `/sign-up?${query}`);
  };
}

async function renderInvitation(
  ctx: Context,
  platform: Platform,
  account: Account | undefined,
  { frozen = false } = {},
): Promise<void> {
  const invitation = await findInvitation(platform, handleOf(ctx));
  if (!invitation) {
    return renderPage(ctx, 'developers/organizations/invitation-answers-over', {}, { status: 410 });
  }
  const returnTo = pathOf(ctx);
  const hint = invitation.email;
  const data = {
    ...{ invitation, what: whatOf(invitation.to, invitation), means: meansOf(invitation), path: returnTo },
    ...{ signedInAs: account?.email, invited: isInvited(invitation, account) },
    signInPath: signInPath(platform, { returnTo, hint, switchAccount: account !== undefined }),
    problems: frozen ? { form: 'invitations.frozen' } : undefined,
  };
  renderPage(ctx, 'developers/organizations/invitation-answers', data, { status: frozen ? 422 : 200 });
}

/** What accepting means for whoever accepts. */
function meansOf({ to, inviter }: OpenInvitation): Words {
  if (to.kind === 'member') return `invitations.role-${to.role}`;
  return to.kind === 'tester'
    ? 'invitations.test-means'
    : { key: 'invitations.own-means', values: { inviter } };
}

function handleOf(ctx: Context): string {
  return String(ctx.params.invitation);
}

function pathOf(ctx: Context): string {
  return `/invitations/${encodeURIComponent(handleOf(ctx))}`;
}
