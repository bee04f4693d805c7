import { z } from 'zod';
import { Refusal } from '../../platform/errors.ts';
import { UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { type Problems, readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';

import { type Account, findAccount } from '../account.ts';
import { accountActor } from '../actor.ts';
import { normalizeName } from '../addresses.ts';
import { renderAccountPage } from '../area/account-page.ts';
import type { FormProblems } from '../form-problems.ts';
import { ensureBrowser } from '../sessions/session-cookie.ts';
import { REFUSED_REGISTRATION } from '../sign-in/passkey-words.ts';
import { sessionOf } from '../sign-in/require-session.ts';
import { beginRegistration, type Registrant, registerPasskey } from './passkey-registration.ts';
import { acceptedCredentials, findPasskey, listPasskeys, type Passkey, renamePasskey } from './passkeys.ts';
import { removePasskey } from './remove-passkey.ts';

/** The list; the forms that make a passkey bind their token to this path too. */
const PASSKEYS = '/account/sign-in-methods/passkeys';

const Answer = z.object({ credential: z.string() });
const Nothing = z.object({});

const Name = z.object({
  name: z.string().transform((raw, ctx): string => {
    const name = normalizeName(raw);
    if (name !== undefined) return name;
    ctx.addIssue({ code: 'custom', message: 'passkeys.enter-name' });
    return z.NEVER;
  }),
});

/** GET /account/sign-in-methods/passkeys: all of them, and a word to whoever keeps them which these are. */
export function showPasskeys(platform: Platform): Handler {
  return async (ctx) => {
    const { accountId } = await sessionOf(platform, ctx);
    const passkeys = await listPasskeys(platform, accountId);
    const accepted = await acceptedCredentials(platform, accountId);
    await renderAccountPage(ctx, 'accounts/credentials/passkeys', { passkeys, accepted, path: PASSKEYS });
  };
}

/** GET /account/sign-in-methods/passkeys/new */
export const showNewPasskey: Handler = (ctx) =>
  renderAccountPage(ctx, 'accounts/credentials/passkeys-new', { path: PASSKEYS });

/** POST /account/sign-in-methods/passkeys/challenges: what the script hands to the browser. */
export function challengeNewPasskey(platform: Platform): Handler {
  return async (ctx) => {
    await readForm(ctx, Nothing, { formPurpose: PASSKEYS });
    ctx.set('Cache-Control', 'no-store');
    ctx.body = await beginRegistration(platform, await registrantOf(ctx, platform));
  };
}

/** POST /account/sign-in-methods/passkeys: keeps what the browser made, then on to its name. */
export function submitNewPasskey(platform: Platform): Handler {
  return async (ctx) => {
    const registrant = await registrantOf(ctx, platform);
    const form = await readForm(ctx, Answer);
    const answer = form.ok ? form.value.credential : '';
    const unnamed = ctx.state.language.t('passkeys.unnamed');
    const actor = accountActor(ctx, registrant.account.id);
    const outcome = await registerPasskey(platform, actor, registrant, { answer, unnamed });
    if (outcome.ok) {
      const next = `${PASSKEYS}/${outcome.passkey.id}?added`;
      const { recoveryCodes } = outcome;
      if (!recoveryCodes) return seeOther(ctx, next);
      return renderAccountPage(ctx, 'accounts/credentials/passkeys-codes', { recoveryCodes, next });
    }
    if (outcome.reason === 'session-over') return seeOther(ctx, `${PASSKEYS}/new`);
    const problems = { form: REFUSED_REGISTRATION[outcome.reason] };
    return renderAccountPage(
      ctx,
      'accounts/credentials/passkeys-new',
      { path: PASSKEYS, problems },
      { status: 422 },
    );
  };
}

/** GET /account/sign-in-methods/passkeys/:id: what we know of it, and its name to change. */
export function showPasskey(platform: Platform): Handler {
  return async (ctx) => renderPasskey(ctx, await passkeyOf(ctx, platform));
}

/** POST /account/sign-in-methods/passkeys/:id/name */
export function submitPasskeyName(platform: Platform): Handler {
  return async (ctx) => {
    const passkey = await passkeyOf(ctx, platform);
    const form = await readForm(ctx, Name);
    if (!form.ok) return renderPasskey(ctx, passkey, form);
    const { accountId } = await sessionOf(platform, ctx);
    const input = { accountId, id: passkey.id, name: form.value.name };
    if (!(await renamePasskey(platform, accountActor(ctx, accountId), input))) throw unknownPasskey();
    seeOther(ctx, PASSKEYS);
  };
}

/** GET /account/sign-in-methods/passkeys/:id/removal */
export function showPasskeyRemoval(platform: Platform): Handler {
  return async (ctx) => renderRemoval(ctx, await passkeyOf(ctx, platform));
}

/** POST /account/sign-in-methods/passkeys/:id/removal */
export function submitPasskeyRemoval(platform: Platform): Handler {
  return async (ctx) => {
    const passkey = await passkeyOf(ctx, platform);
    await readForm(ctx, Nothing);
    const account = await accountOf(ctx, platform);
    const { id: sessionId } = await sessionOf(platform, ctx);
    const input = { account, id: passkey.id, sessionId };
    const outcome = await removePasskey(platform, accountActor(ctx, account.id), input);
    if (outcome.ok || outcome.reason === 'session-over') return seeOther(ctx, PASSKEYS);
    if (outcome.reason === 'unknown') throw unknownPasskey();
    return renderRemoval(ctx, passkey, { form: 'passkeys.last-factor' });
  };
}

/** GET /.well-known/passkey-endpoints: where password managers send people (W3C "Passkey Endpoints"). */
export function showPasskeyEndpoints({ config }: Platform): Handler {
  return (ctx) => {
    ctx.set('Cache-Control', 'public, max-age=3600');
    ctx.body = { enroll: `${config.issuer}${PASSKEYS}/new`, manage: `${config.issuer}${PASSKEYS}` };
  };
}

async function registrantOf(ctx: Context, platform: Platform): Promise<Registrant> {
  const { id: sessionId } = await sessionOf(platform, ctx);
  return { account: await accountOf(ctx, platform), sessionId, browser: ensureBrowser(ctx, platform) };
}

async function accountOf(ctx: Context, platform: Platform): Promise<Account> {
  const { accountId } = await sessionOf(platform, ctx);
  const account = await findAccount(platform, accountId);
  if (!account) throw new Error('a live session belongs to no account');
  return account;
}

/** The passkey that the address names, if it is the visitor's own. */
async function passkeyOf(ctx: Context, platform: Platform): Promise<Passkey> {
  const { accountId } = await sessionOf(platform, ctx);
  const id = String(ctx.params.id);
  const passkey = UUID.test(id) ? await findPasskey(platform, { accountId, id }) : undefined;
  if (!passkey) throw unknownPasskey();
  return passkey;
}

function unknownPasskey(): Refusal {
  return new Refusal('not-found', 'passkeys.no-such');
}

function renderPasskey(ctx: Context, passkey: Passkey, failed?: FormProblems): Promise<void> {
  const data = { passkey, added: 'added' in ctx.query, path: `${PASSKEYS}/${passkey.id}`, list: PASSKEYS };
  const { problems, entered } = failed ?? {};
  return renderAccountPage(
    ctx,
    'accounts/credentials/passkeys-one',
    { ...data, problems, entered },
    { status: failed ? 422 : 200 },
  );
}

function renderRemoval(ctx: Context, passkey: Passkey, problems?: Problems): Promise<void> {
  const data = { passkey, list: PASSKEYS, problems };
  return renderAccountPage(ctx, 'accounts/credentials/passkeys-removal', data, {
    status: problems ? 422 : 200,
  });
}
