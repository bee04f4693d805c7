import { findAccount } from '../../accounts/account.ts';
import type { LiveSession } from '../../accounts/sessions.ts';
import { signInPath } from '../../accounts/sign-in-ticket.ts';
import { Refusal } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { renderPage } from '../../platform/web/render.ts';
import { seeOther } from '../../platform/web/see-other.ts';
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
import { nextStep } from './next-step.ts';

/** GET /interaction/:uid: asks nextStep() and does what it says. */
export function dispatch(platform: Platform, engine: Engine): Handler {
  return async (ctx) => {
    const open = await openInteraction(engine.provider, ctx);
    const facts = await interactionFacts(platform, ctx, open);
    const next = nextStep(facts);
    switch (next.step) {
      case 'sign-in':
        return seeOther(ctx, signInFor(platform, open, next));
      case 'wrong-account':
        return showWrongAccount(platform, ctx, open, facts.session);
      case 'consent':
        return seeOther(ctx, `${interactionPath(open.interaction)}/consent`);
      case 'answer':
        return seeOther(ctx, await answerInteraction(platform, open, { login: { ...next.login } }));
      case 'unknown-prompt':
        throw new Refusal('bad-request', 'protocol.unknown-step');
    }
  };
}

function signInFor(
  platform: Platform,
  { client, interaction }: OpenInteraction,
  { freshAfter, switchAccount, hint }: { freshAfter?: number; switchAccount?: true; hint?: string },
): string {
  return signInPath(platform, {
    returnTo: interactionPath(interaction),
    title: registered(client).name,
    locale: askedLanguage(interaction),
    hint,
    freshAfter,
    switchAccount,
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
    cancelPath: `${interactionPath(open.interaction)}/cancellation`,
  });
}
