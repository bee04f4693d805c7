import { findAccount } from '../../accounts/account.ts';
import type { LiveSession } from '../../accounts/sessions.ts';
import { signInPath } from '../../accounts/sign-in-ticket.ts';
import { Refusal } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { renderPage } from '../../platform/web/render.ts';
import type { Engine } from '../provider.ts';
import { registered } from '../registered-clients.ts';
import {
  answerInteraction,
  interactionFacts,
  interactionId,
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
        return redirect(ctx, signInFor(platform, ctx, open, next));
      case 'wrong-account':
        return showWrongAccount(platform, ctx, open, facts.session);
      case 'consent':
        return redirect(ctx, `/interaction/${interactionId(ctx)}/consent`);
      case 'answer':
        return redirect(ctx, await answerInteraction(platform, open, { login: { ...next.login } }));
      case 'unknown-prompt':
        throw new Refusal('bad-request', 'The app asked for a step that this service does not have.');
    }
  };
}

function redirect(ctx: Context, to: string): void {
  ctx.status = 303;
  ctx.redirect(to);
}

function signInFor(
  platform: Platform,
  ctx: Context,
  { client }: OpenInteraction,
  { freshAfter, switchAccount, hint }: { freshAfter?: number; switchAccount?: true; hint?: string },
): string {
  return signInPath(platform, {
    returnTo: `/interaction/${interactionId(ctx)}`,
    title: registered(client).name,
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
    otherAccountPath: signInFor(platform, ctx, open, { switchAccount: true }),
    cancelPath: `/interaction/${interactionId(ctx)}/cancellation`,
  });
}
