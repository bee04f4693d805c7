import { z } from 'zod';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { renderPage } from '../../platform/web/render.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { accountActor, browserActor } from '../actor.ts';
import { relyingPartyId } from '../credentials/passkey-ceremonies.ts';
import { askForPasskey, type PasskeyFault } from '../credentials/passkey-proof.ts';
import { stepPage } from '../form-problems.ts';
import { ensureBrowser, originOf, readBrowser, readSession } from '../sessions/session-cookie.ts';
import { arrive, completionOf } from './arrival.ts';
import { carryTicket, demandOf } from './carried-ticket.ts';
import { type PasskeySignInOutcome, proveSecondFactorByPasskey, signInByPasskey } from './passkey-sign-in.ts';
import { REFUSED_PASSKEY } from './passkey-words.ts';
import { signInUnderWay } from './require-session.ts';

/** Where a passkey is asked for: alone, or after the password. The forms of both bind their token to this path. */
const ALONE = '/sign-in/passkey';
const SECOND = '/sign-in/second-factor/passkey';

const Answer = z.object({ credential: z.string() });
const Nothing = z.object({});

/** GET of both: for whoever reloads the page after a passkey was refused. */
export const showPasskeySignIn: Handler = (ctx) => renderPasskeySignIn(ctx);

/** POST /sign-in/passkey/challenges: what the script hands to the browser. */
export function challengePasskeySignIn(platform: Platform): Handler {
  return async (ctx) => {
    await readForm(ctx, Nothing, { formPurpose: ALONE });
    const session = await readSession(platform, ctx);
    const { accountId } = demandOf(ctx);
    const ceremony = {
      purpose: 'sign-in',
      browser: ensureBrowser(ctx, platform),
      sessionId: session?.id,
    } as const;
    // Credential ids are named to their own account only: a ticket may have travelled to another browser.
    await answerOptions(
      ctx,
      askForPasskey(platform, ceremony, session?.accountId === accountId ? accountId : undefined),
    );
  };
}

/** POST /sign-in/passkey: the passkey alone, then on to where the ticket says. */
export function submitPasskeySignIn(platform: Platform): Handler {
  return async (ctx) => {
    const answer = await readAnswer(ctx, ALONE);
    const outcome = await signInByPasskey(platform, browserActor(ctx), {
      answer,
      browser: readBrowser(ctx, platform.config) ?? '',
      previous: await readSession(platform, ctx),
      demand: demandOf(ctx),
      origin: originOf(ctx),
    });
    finish(ctx, platform, outcome);
  };
}

/** POST /sign-in/second-factor/passkey/challenges */
export function challengeSecondFactorPasskey(platform: Platform): Handler {
  return async (ctx) => {
    await readForm(ctx, Nothing, { formPurpose: SECOND });
    const { half } = signInUnderWay(ctx);
    const browser = ensureBrowser(ctx, platform);
    const ceremony = { purpose: 'second-factor', browser, sessionId: half.id } as const;
    await answerOptions(ctx, askForPasskey(platform, ceremony, half.accountId));
  };
}

/** POST /sign-in/second-factor/passkey: after the password. */
export function submitSecondFactorPasskey(platform: Platform): Handler {
  return async (ctx) => {
    const { half } = signInUnderWay(ctx);
    const answer = await readAnswer(ctx, SECOND);
    const completion = await completionOf(ctx, platform, half);
    const browser = completion.browser ?? '';
    const actor = accountActor(ctx, half.accountId);
    finish(
      ctx,
      platform,
      await proveSecondFactorByPasskey(platform, actor, { ...completion, browser, answer }),
    );
  };
}

async function answerOptions(ctx: Context, options: Promise<object>): Promise<void> {
  ctx.set('Cache-Control', 'no-store');
  ctx.body = await options;
}

async function readAnswer(ctx: Context, formPurpose: string): Promise<string> {
  const form = await readForm(ctx, Answer, { formPurpose });
  return form.ok ? form.value.credential : '';
}

function finish(ctx: Context, platform: Platform, outcome: PasskeySignInOutcome): void {
  if (outcome.ok) arrive(ctx, platform, outcome);
  else if (outcome.reason === 'session-over') seeOther(ctx, carryTicket(ctx, '/sign-in'));
  else renderPasskeySignIn(ctx, { reason: outcome.reason, unknown: outcome.unknown });
}

function renderPasskeySignIn(
  ctx: Context,
  failed?: { reason: PasskeyFault; unknown?: string | undefined },
): void {
  const path = ctx.path === SECOND ? SECOND : ALONE;
  const otherWay = carryTicket(ctx, path === SECOND ? '/sign-in/second-factor' : '/sign-in');
  const credentialId = failed?.unknown;
  const rpId = relyingPartyId(ctx.state.platform.config);
  const data = { path, otherWay, unknown: credentialId && { rpId, credentialId } };
  const problems = failed && { problems: { form: REFUSED_PASSKEY[failed.reason] } };
  renderPage(ctx, 'accounts/sign-in/passkey-sign-in', ...stepPage(ctx, data, problems));
}
