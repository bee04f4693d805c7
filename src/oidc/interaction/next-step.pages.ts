import { findAccount } from '../../accounts/account.ts';
import type { LiveSession } from '../../accounts/sessions/sessions.ts';
import { signInPath } from '../../accounts/sign-in/sign-in-ticket.ts';
import type { Acr } from '../../accounts/sign-in/strength.ts';
import { findTrustDomain } from '../../accounts/trust-domains.ts';
import { Refusal } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { renderPage } from '../../platform/web/render.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import type { ClosedReason } from '../admission.ts';
import type { Engine } from '../provider.ts';
import { registered } from '../registered-clients.ts';
import {
  answerInteraction,
  askedLanguage,
  interactionFacts,
  interactionPath,
  type OpenInteraction,
  openInteraction,
} from './interactions.ts';
import { nextStep, type SignInWish } from './next-step.ts';

/** GET /interaction/:uid: asks nextStep() and does what it says. With `?switch` the person wants to be somebody else. */
export function dispatch(platform: Platform, engine: Engine): Handler {
  return async (ctx) => {
    const open = await openInteraction(engine.provider, ctx);
    const facts = await interactionFacts(platform, ctx, open);
    if (ctx.query.switch !== undefined)
      return seeOther(ctx, signInFor(platform, open, { switchAccount: true }));
    // Apps cannot use an account that its owner is closing; the page says so, and how to keep it.
    if (await isClosing(platform, facts.session)) return seeOther(ctx, '/account/closing');
    const next = nextStep(facts);
    switch (next.step) {
      case 'sign-in':
        return seeOther(ctx, signInFor(platform, open, next));
      case 'wrong-account':
        return showWrongAccount(platform, ctx, open, facts.session);
      case 'stronger-factor':
        return showStrongerFactor(ctx, open, next.acr);
      case 'closed':
        return showClosed(platform, ctx, open, { reason: next.reason, session: facts.session });
      case 'consent':
        return seeOther(ctx, `${interactionPath(open.interaction)}/consent`);
      case 'answer':
        return seeOther(ctx, await answerInteraction(platform, open, { login: { ...next.login } }));
      case 'unknown-prompt':
        throw new Refusal('bad-request', 'protocol.unknown-step');
    }
  };
}

async function isClosing(platform: Platform, session: LiveSession | undefined): Promise<boolean> {
  const account = session && (await findAccount(platform, session.accountId));
  return account !== undefined && account.closesAt !== null;
}

function signInFor(platform: Platform, { client, interaction }: OpenInteraction, wish: SignInWish): string {
  const here = interactionPath(interaction);
  return signInPath(platform, {
    returnTo: here,
    title: registered(client).name,
    locale: askedLanguage(interaction),
    ...wish,
    clientId: client.clientId,
    // Whoever is asked to confirm who they are may also go back to the app, or be somebody else.
    ...(wish.accountId && { cancelPath: cancelPathOf(here), switchPath: `${here}?switch` }),
  });
}

function cancelPathOf(here: string): string {
  return `${here}/cancellation`;
}

function showStrongerFactor(ctx: Context, { client, interaction }: OpenInteraction, acr: Acr): void {
  const here = interactionPath(interaction);
  renderPage(ctx, 'oidc/interaction/next-step-stronger-factor', {
    appName: registered(client).name,
    acr,
    here,
    cancelPath: cancelPathOf(here),
  });
}

async function showWrongAccount(
  platform: Platform,
  ctx: Context,
  open: OpenInteraction,
  session: LiveSession | undefined,
): Promise<void> {
  const account = session && (await findAccount(platform, session.accountId));
  renderPage(ctx, 'oidc/interaction/next-step-wrong-account', {
    appName: registered(open.client).name,
    email: account?.email,
    otherAccountPath: signInFor(platform, open, { switchAccount: true }),
    cancelPath: cancelPathOf(interactionPath(open.interaction)),
  });
}

/** Who the app is for, and the way to be somebody else. */
async function showClosed(
  platform: Platform,
  ctx: Context,
  open: OpenInteraction,
  { reason, session }: { reason: ClosedReason; session: LiveSession | undefined },
): Promise<void> {
  const account = session && (await findAccount(platform, session.accountId));
  const { name, organizationName, trustDomainId } = registered(open.client);
  const domain = await findTrustDomain(platform, trustDomainId);
  const values = {
    app: name,
    organization: organizationName,
    domain: domain?.title ?? '',
    email: account?.email ?? '',
  };
  renderPage(ctx, 'oidc/interaction/next-step-closed', {
    reason,
    values,
    otherAccountPath: signInFor(platform, open, { switchAccount: true }),
    cancelPath: cancelPathOf(interactionPath(open.interaction)),
  });
}
