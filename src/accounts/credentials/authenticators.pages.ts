import { z } from 'zod';
import { Refusal } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { asIssue, readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { type Account, findAccount } from '../account.ts';
import { accountActor } from '../actor.ts';
import { normalizeName } from '../addresses.ts';
import { renderAccountPage } from '../area/account-page.ts';
import { oneTimeCodeField } from '../form-fields.ts';
import { type FormProblems, stepPage } from '../form-problems.ts';
import { sessionOf } from '../sign-in/require-session.ts';
import { seedToShow } from '../sign-in/seed-to-show.ts';
import {
  type Authenticator,
  addAuthenticator,
  findAuthenticator,
  listAuthenticators,
  MOST_AUTHENTICATORS,
  offerAuthenticator,
  removeAuthenticator,
  renameAuthenticator,
} from './authenticators.ts';

const LIST = '/account/sign-in-methods/authenticators';
/** The forms of every authenticator bind their token to these paths. */
const NAME = `${LIST}/name`;
const REMOVAL = `${LIST}/removal`;

const nameField = z.string().transform((raw, ctx): string => {
  const name = normalizeName(raw);
  if (name !== undefined) return name;
  ctx.addIssue(asIssue('totp.enter-name'));
  return z.NEVER;
});

const Addition = z.object({ name: nameField, code: oneTimeCodeField });
const Renaming = z.object({ name: nameField });
const Done = z.enum(['added', 'renamed', 'removed']).optional().catch(undefined);

/** GET /account/sign-in-methods/authenticators: each with its name, its age and when it was used last. */
export function showAuthenticators(platform: Platform): Handler {
  return async (ctx) => {
    const { accountId } = await sessionOf(platform, ctx);
    await renderAccountPage(ctx, 'accounts/credentials/authenticators', {
      authenticators: await listAuthenticators(platform, accountId),
      most: MOST_AUTHENTICATORS,
      done: Done.parse(ctx.query.done),
    });
  };
}

/** GET …/new: the seed, for this session alone. */
export function showNewAuthenticator(platform: Platform): Handler {
  return (ctx) => renderNew(ctx, platform);
}

/** POST …/new: one code of it, and it is one of the account's. */
export function submitNewAuthenticator(platform: Platform): Handler {
  return async (ctx) => {
    const { account, sessionId } = await personOf(platform, ctx);
    const form = await readForm(ctx, Addition);
    if (!form.ok) return renderNew(ctx, platform, form);
    const input = { account, sessionId, ...form.value };
    const outcome = await addAuthenticator(platform, accountActor(ctx, account.id), input);
    const entered = { name: form.value.name };
    if (!outcome.ok && outcome.reason === 'wrong-code') {
      return renderNew(ctx, platform, { problems: { code: 'enrolment.wrong-code' }, entered });
    }
    // The seed is shown anew where it ran out or was taken by another window.
    if (!outcome.ok) return seeOther(ctx, outcome.reason === 'too-many' ? LIST : `${LIST}/new`);
    if (!outcome.recoveryCodes) return seeOther(ctx, `${LIST}?done=added`);
    const data = { recoveryCodes: outcome.recoveryCodes, next: `${LIST}?done=added` };
    await renderAccountPage(ctx, 'accounts/credentials/authenticators-codes', data);
  };
}

/** GET …/:id: to rename or remove it. */
export function showAuthenticator(platform: Platform): Handler {
  return async (ctx) => renderOne(ctx, await authenticatorOf(platform, ctx));
}

/** POST …/:id/name */
export function submitAuthenticatorName(platform: Platform): Handler {
  return async (ctx) => {
    const found = await authenticatorOf(platform, ctx);
    const { accountId } = await sessionOf(platform, ctx);
    const form = await readForm(ctx, Renaming, { formPurpose: NAME });
    if (!form.ok) return renderOne(ctx, found, form);
    const input = { accountId, id: found.id, name: form.value.name };
    await renameAuthenticator(platform, accountActor(ctx, accountId), input);
    seeOther(ctx, `${LIST}?done=renamed`);
  };
}

/** POST …/:id/removal: refused where it would leave the account without the second factor it needs. */
export function submitAuthenticatorRemoval(platform: Platform): Handler {
  return async (ctx) => {
    const found = await authenticatorOf(platform, ctx);
    const { account, sessionId } = await personOf(platform, ctx);
    await readForm(ctx, z.object({}), { formPurpose: REMOVAL });
    const input = { account, id: found.id, sessionId };
    const outcome = await removeAuthenticator(platform, accountActor(ctx, account.id), input);
    if (!outcome.ok && outcome.reason === 'last-factor') {
      return renderOne(ctx, found, { problems: { form: 'totp.last-factor' }, status: 409 });
    }
    seeOther(ctx, outcome.ok ? `${LIST}?done=removed` : LIST);
  };
}

async function personOf(platform: Platform, ctx: Context): Promise<{ account: Account; sessionId: string }> {
  const { id: sessionId, accountId } = await sessionOf(platform, ctx);
  const account = await findAccount(platform, accountId);
  if (!account) throw new Error('a session outlived its account');
  return { account, sessionId };
}

/** Somebody else's authenticator is not there, as one that never was. */
async function authenticatorOf(platform: Platform, ctx: Context): Promise<Authenticator> {
  const { accountId } = await sessionOf(platform, ctx);
  const found = await findAuthenticator(platform, { accountId, id: String(ctx.params.id) });
  if (!found) throw new Refusal('not-found', 'totp.not-there');
  return found;
}

async function renderNew(ctx: Context, platform: Platform, failed?: FormProblems): Promise<void> {
  const { account, sessionId } = await personOf(platform, ctx);
  const offered = await offerAuthenticator(platform, accountActor(ctx, account.id), { account, sessionId });
  if (!offered.ok) return seeOther(ctx, LIST);
  const data = { email: account.email, path: `${LIST}/new`, ...seedToShow(offered) };
  await renderAccountPage(ctx, 'accounts/credentials/authenticators-new', ...stepPage(ctx, data, failed));
}

async function renderOne(ctx: Context, authenticator: Authenticator, failed?: FormProblems): Promise<void> {
  const data = { authenticator, list: LIST, name: NAME, removal: REMOVAL };
  await renderAccountPage(ctx, 'accounts/credentials/authenticators-one', ...stepPage(ctx, data, failed));
}
