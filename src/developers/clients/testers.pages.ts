import { z } from 'zod';
import { accountActor } from '../../accounts/actor.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { type Problems, readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { listInvitations } from '../organizations/invitation-list.ts';
import { createInvitation, renewInvitation, withdrawInvitation } from '../organizations/invitations.ts';
import { memberOf } from '../organizations/require-member.ts';
import { problemOf, renderPortalPage } from '../portal-page.ts';
import { appOf, appPath } from './require-app.ts';
import { listTesters, removeTester } from './testers.ts';

const DONE = ['sent', 'removed', 'withdrawn'] as const;
const Query = z.object({ done: z.enum(DONE).optional().catch(undefined) });

/** GET …/apps/:client/testers: who may use the app in development, and whom it still waits for. */
export function showTesters(platform: Platform): Handler {
  return (ctx) => renderTesters(ctx, platform, { done: Query.parse({ ...ctx.query }).done });
}

const Wish = z.object({ email: z.string().max(1024) });

/** POST …/apps/:client/testers: invites somebody by mail, whether or not there is an account. */
export function inviteTester(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, Wish);
    if (!form.ok) return renderTesters(ctx, platform, form);
    const { accountId, organization } = memberOf(ctx);
    const app = appOf(ctx);
    const outcome = await createInvitation(platform, accountActor(ctx, accountId), {
      ...{ organizationId: organization.id, invitedBy: accountId, email: form.value.email },
      to: { kind: 'tester', clientId: app.id },
    });
    if (outcome.ok) return seeOther(ctx, `${appPath(app)}/testers?done=sent`);
    await renderTesters(ctx, platform, { problems: problemOf(outcome, FIELDS), entered: form.value });
  };
}

const FIELDS = { limit: 'form', 'not-allowed': 'form', frozen: 'form', over: 'form' } as const;

/** POST …/apps/:client/testers/:tester/removal */
export function submitRemoval(platform: Platform): Handler {
  return async (ctx) => {
    await readForm(ctx, z.object({}), { formPurpose: 'testers' });
    const { accountId, organization } = memberOf(ctx);
    const app = appOf(ctx);
    const of = { organizationId: organization.id, clientId: app.id, accountId: String(ctx.params.tester) };
    await removeTester(platform, accountActor(ctx, accountId), of);
    seeOther(ctx, `${appPath(app)}/testers?done=removed`);
  };
}

const Answer = z.object({ wish: z.enum(['renew', 'withdraw']) });

/** POST …/apps/:client/testers/invitations/:invitation: sends it again, or takes it back. Only one of this very app. */
export function changeInvitation(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, Answer, { formPurpose: 'testers' });
    const { accountId, organization } = memberOf(ctx);
    const app = appOf(ctx);
    const id = String(ctx.params.invitation);
    const open = await listInvitations(platform, { organizationId: organization.id, clientId: app.id });
    if (!form.ok || !open.some((one) => one.id === id)) return seeOther(ctx, `${appPath(app)}/testers`);
    const actor = accountActor(ctx, accountId);
    const of = { organizationId: organization.id, id };
    if (form.value.wish === 'withdraw') {
      await withdrawInvitation(platform, actor, { ...of, kinds: ['tester'] });
      return seeOther(ctx, `${appPath(app)}/testers?done=withdrawn`);
    }
    const outcome = await renewInvitation(platform, actor, { ...of, invitedBy: accountId });
    if (outcome.ok) return seeOther(ctx, `${appPath(app)}/testers?done=sent`);
    await renderTesters(ctx, platform, { problems: problemOf(outcome, { ...FIELDS, email: 'form' }) });
  };
}

/** GET of an action: back from signing in, to press the button again. */
export const showTestersInstead: Handler = (ctx) => seeOther(ctx, `${appPath(appOf(ctx))}/testers`);

async function renderTesters(
  ctx: Context,
  platform: Platform,
  data: { readonly problems?: Problems; readonly entered?: object; readonly done?: unknown },
): Promise<void> {
  const app = appOf(ctx);
  const organizationId = memberOf(ctx).organization.id;
  const now = platform.clock.now();
  const invitations = await listInvitations(platform, { organizationId, clientId: app.id });
  const facts = {
    app,
    testers: await listTesters(platform, app.id),
    invitations: invitations.map((one) => ({ ...one, expired: one.expiresAt <= now })),
  };
  const status = data.problems ? 422 : 200;
  renderPortalPage(ctx, 'developers/clients/testers', { ...facts, ...data }, { status });
}
