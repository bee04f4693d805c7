import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { secondsAfter } from '../../platform/clock.ts';
import { digestOf, handleKind, type IssuedSecret, newHandle } from '../../platform/crypto/secrets.ts';
import { newId } from '../../platform/ids.ts';
import { renderLetter } from '../../platform/mail/letters.ts';
import { queueLetter } from '../../platform/mail/outbox.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { type Address, normalizeAddress } from '../addresses.ts';
import { findTrustDomainNamed, noSuchDomain } from '../trust-domains.ts';

/** A pass that admits one person, as its holder presents it. */
export interface SignUpPass {
  readonly id: string;
  /** The one address it is for. */
  readonly emailKey: string;
}

export type Invitation =
  | { readonly ok: true; readonly email: string; readonly link: IssuedSecret }
  | Refused<'bad-address' | 'domain'>;

export const SIGN_UP_PASS_DAYS = 14;

/**
 * Makes a pass for one address, to be spent once within two weeks. Says nothing about whether the address has an
 * account: who makes passes, an organization for instance, need not be told. Without a trust domain the address decides.
 */
export async function createSignUpPass(
  platform: Platform,
  actor: Actor,
  { emailKey }: Pick<Address, 'emailKey'>,
  { trustDomainId = null }: { readonly trustDomainId?: string | null } = {},
): Promise<IssuedSecret> {
  return inTransaction(platform, async (tx) => {
    const now = tx.clock.now();
    const id = newId();
    const secret = newHandle('pass', now);
    const expiresAt = secondsAfter(now, SIGN_UP_PASS_DAYS * 86_400);
    await tx.db.signUpPass.create({
      data: { id, digest: digestOf(secret), emailKey, trustDomainId, createdAt: now, expiresAt },
    });
    await recordEvent(tx, actor, 'sign-up-pass.created', { kind: 'sign-up-pass', id });
    return { secret };
  });
}

const PASSES_AT_ONCE = 5;

/**
 * A pass for whoever holds an invitation of an organization and presses its button. One works as well as another, so
 * that pressing on makes no more of them: undefined while there are several.
 */
export async function passForInvited(
  platform: Platform,
  actor: Actor,
  { emailKey }: Pick<Address, 'emailKey'>,
): Promise<IssuedSecret | undefined> {
  return inTransaction(platform, async (tx) => {
    const lock = `sign-up passes for ${emailKey}`;
    await tx.db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${lock}, 0))`;
    const live = { emailKey, usedAt: null, createdAt: { gt: secondsAfter(tx.clock.now(), -86_400) } };
    if ((await tx.db.signUpPass.count({ where: live })) >= PASSES_AT_ONCE) return undefined;
    return createSignUpPass(tx, actor, { emailKey });
  });
}

/** Invites somebody at an operator's word: the letter carries the link, and so does the answer, once. */
export async function inviteToSignUp(
  platform: Platform,
  actor: Actor,
  input: { readonly email: string; readonly domain?: string | undefined },
): Promise<Invitation> {
  const address = normalizeAddress(input.email);
  if (!address) return refused('bad-address', 'The email must look like name@example.com.');
  return inTransaction(platform, async (tx): Promise<Invitation> => {
    const domain = input.domain === undefined ? undefined : await findTrustDomainNamed(tx, input.domain);
    if (input.domain !== undefined && !domain) return noSuchDomain(input.domain);
    const invitedTo = domain ? { trustDomainId: domain.id } : {};
    const { secret: pass } = await createSignUpPass(tx, actor, address, invitedTo);
    const link = `${tx.config.issuer}/sign-up?pass=${pass}`;
    const letter = renderLetter(
      tx,
      'invitation',
      { signUpAddress: link, days: SIGN_UP_PASS_DAYS },
      undefined,
    );
    await queueLetter(tx, { to: address.email, ...letter });
    return { ok: true, email: address.email, link: { secret: link } };
  });
}

/** The pass behind a handle, unspent and in time. Looking at it changes nothing. */
export async function findSignUpPass(
  { db, clock }: Platform,
  handle: unknown,
): Promise<SignUpPass | undefined> {
  if (handleKind(handle) !== 'pass') return undefined;
  const row = await db.signUpPass.findUnique({
    where: { digest: digestOf(String(handle)), usedAt: null, expiresAt: { gt: clock.now() } },
    select: { id: true, emailKey: true },
  });
  return row ?? undefined;
}

/**
 * Spends a pass in the transaction that makes the account. Of parallel uses exactly one gets the pass, with the trust
 * domain it invites to; the others get undefined.
 */
export async function spendSignUpPass(
  tx: Platform,
  actor: Actor,
  id: string,
): Promise<{ trustDomainId: string | null } | undefined> {
  const now = tx.clock.now();
  const [spent] = await tx.db.signUpPass.updateManyAndReturn({
    where: { id, usedAt: null, expiresAt: { gt: now } },
    data: { usedAt: now },
    select: { trustDomainId: true },
  });
  if (spent) await recordEvent(tx, actor, 'sign-up-pass.used', { kind: 'sign-up-pass', id });
  return spent;
}

/** Job: forgets passes that nobody spent in time, and spent ones with them. */
export async function sweepSignUpPasses({ db, clock }: Platform): Promise<number> {
  const { count } = await db.signUpPass.deleteMany({ where: { expiresAt: { lte: clock.now() } } });
  return count;
}
