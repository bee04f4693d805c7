import { z } from 'zod';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { type FormResult, readForm } from '../../platform/web/forms.ts';
import { renderPage } from '../../platform/web/render.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { type Account, findAccount, type Standing } from '../account.ts';
import { accountActor, browserActor } from '../actor.ts';
import { type Address, normalizeAddress } from '../addresses.ts';
import { listPasskeys } from '../credentials/passkeys.ts';
import { currentPasswordField, emailField } from '../form-fields.ts';
import { type FormProblems, stepPage, strangersWait, tooManyTries } from '../form-problems.ts';
import { SIGN_UP } from '../policy.ts';
import {
  ensureBrowser,
  originOf,
  readBrowser,
  readSession,
  readSuspendedSession,
  readTrusted,
  readWaitTicket,
  writeWaitTicket,
} from '../sessions/session-cookie.ts';
import { sendVerificationCode } from '../sign-up/email-verification.ts';
import { goOnWith } from './arrival.ts';
import { carryHint, ticketOf } from './carried-ticket.ts';
import { SUSPENDED } from './require-session.ts';
import { nextStep, signIn } from './sign-in.ts';
import { HOME, satisfies } from './sign-in-ticket.ts';

/** GET /sign-in: the form, or straight on for a visitor whose session is enough for the ticket. */
export function showSignIn(platform: Platform): Handler {
  return async (ctx) => {
    const ticket = ticketOf(ctx);
    if (satisfies(await readSession(platform, ctx), ticket, platform.clock.now()))
      return seeOther(ctx, ticket?.returnTo ?? HOME);
    if (!ticket?.switchAccount && (await readSuspendedSession(platform, ctx)))
      return seeOther(ctx, SUSPENDED);
    await renderSignIn(ctx, platform);
  };
}

const SignIn = z.object({ email: emailField, password: currentPasswordField });
const Confirmation = z.object({ password: currentPasswordField });

/** POST /sign-in: the first factor, then the step that is due for this account. */
export function submitSignIn(platform: Platform): Handler {
  return async (ctx) => {
    const asked = await accountAskedFor(ctx, platform);
    const form = asked
      ? withAddress(await readForm(ctx, Confirmation), asked.email)
      : await readForm(ctx, SignIn);
    if (!form.ok) return renderSignIn(ctx, platform, form);
    const { email: address, password } = form.value;
    const { emailKey } = address;
    const credentials = { emailKey, password, ...(await browserOf(ctx, platform)) };
    const outcome = await signIn(platform, browserActor(ctx), credentials);
    const entered = { email: address.email };
    if (!outcome.ok && outcome.reason === 'wrong-credentials') {
      return renderSignIn(ctx, platform, {
        problems: { form: asked ? 'sign-in.wrong-password' : 'sign-in.wrong' },
        entered,
      });
    }
    if (!outcome.ok && outcome.reason === 'must-wait') {
      if (outcome.ticket) writeWaitTicket(ctx, platform.config, outcome.ticket);
      return renderSignIn(ctx, platform, { ...strangersWait(ctx, outcome), entered });
    }
    if (!outcome.ok) return renderSignIn(ctx, platform, { ...tooManyTries(ctx, outcome), entered });
    await sendCodeIfDue(ctx, platform, outcome.standing);
    await goOnWith(ctx, platform, outcome);
  };
}

/** What a browser brings along that may be known here, or has waited. */
async function browserOf(ctx: Context, platform: Platform) {
  const { config } = platform;
  return {
    browser: readBrowser(ctx, config),
    trusted: readTrusted(ctx, config),
    signedInAs: (await readSession(platform, ctx))?.accountId,
    waitTicket: readWaitTicket(ctx, config),
    origin: originOf(ctx),
  };
}

/** "Confirm it's you" asks one account alone for its password; the address is not up for choice. */
async function accountAskedFor(ctx: Context, platform: Platform): Promise<Account | undefined> {
  const asked = ticketOf(ctx)?.accountId;
  return asked === undefined ? undefined : findAccount(platform, asked);
}

function withAddress<T extends object>(
  form: FormResult<T>,
  email: string,
): FormResult<T & { email: Address }> {
  const address = normalizeAddress(email);
  if (!address) throw new Error('an account has an address that is none');
  return form.ok ? { ok: true, value: { ...form.value, email: address } } : form;
}

/** An account made by an operator proves its address now; the letter goes out before the page asks for its code. */
async function sendCodeIfDue(ctx: Context, platform: Platform, standing: Standing): Promise<void> {
  if (nextStep(standing) !== 'verification') return;
  const { account } = standing;
  const browser = ensureBrowser(ctx, platform);
  await sendVerificationCode(platform, accountActor(ctx, account.id), { account, browser });
}

async function renderSignIn(ctx: Context, platform: Platform, failed?: FormProblems): Promise<void> {
  const ticket = ticketOf(ctx);
  const session = await readSession(platform, ctx);
  const signedIn = session && (await findAccount(platform, session.accountId));
  const confirming = await accountAskedFor(ctx, platform);
  const switching = ticket?.switchAccount ?? false;
  const hint = ticket?.hint ?? (switching ? undefined : signedIn?.email);
  const stay = switching && signedIn ? ticket?.returnTo : undefined;
  const forgotten = carryHint(ctx, '/password-reset', failed?.entered?.email ?? confirming?.email ?? hint);
  const passkeys = !confirming || (await listPasskeys(platform, confirming.id)).length > 0;
  const ways = { passkeys, stay, forgotten, cancelPath: ticket?.cancelPath, switchPath: ticket?.switchPath };
  const invited = platform.settings.get(SIGN_UP) === 'invitation';
  const data = { title: ticket?.title, signedIn, confirming, hint, switching, invited, ...ways };
  renderPage(ctx, 'accounts/sign-in/sign-in', ...stepPage(ctx, data, failed));
}
