import { generateKeyPair, type JsonWebKey, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import type { Actor } from '../audit/actor.ts';
import { recordEvent } from '../audit/trail.ts';
import { secondsAfter } from '../platform/clock.ts';
import type { Platform } from '../platform/platform.ts';
import { inTransaction } from '../platform/transaction.ts';
import { LIFETIMES } from '../tokens/lifetimes.ts';

/** ES256 signs everything; RS256 is there for clients that ask for it (decision 12). */
export const SIGNING_ALGS = ['ES256', 'RS256'] as const;
export type SigningAlg = (typeof SIGNING_ALGS)[number];

/** next: published, not used yet. active: signs. retired: still verifies what it signed. */
export type SigningKeyState = 'next' | 'active' | 'retired';

export interface SigningKeyView {
  readonly kid: string;
  readonly alg: string;
  readonly state: string;
  readonly createdAt: Date;
  readonly promotedAt: Date | null;
  readonly retiredAt: Date | null;
}

const VIEW = {
  kid: true,
  alg: true,
  state: true,
  createdAt: true,
  promotedAt: true,
  retiredAt: true,
} as const;

/** Every key that is still published, newest first. No key material. */
export async function listSigningKeys({ db }: Platform): Promise<SigningKeyView[]> {
  return db.signingKey.findMany({ select: VIEW, orderBy: [{ createdAt: 'desc' }, { kid: 'asc' }] });
}

/** Changes whenever the set of keys or their states do; cheap enough to ask every second. */
export async function signingKeysVersion({ db }: Platform): Promise<string> {
  const rows = await db.signingKey.findMany({ select: { kid: true, state: true }, orderBy: { kid: 'asc' } });
  return rows.map(({ kid, state }) => `${kid}:${state}`).join(' ');
}

export interface PrivateJwk extends JsonWebKey {
  readonly kid: string;
  readonly alg: SigningAlg;
  readonly use: 'sig';
}

/** The published keys with their private parts, in signing order: the engine takes the first that fits. */
export async function loadSigningKeys({ db, vault }: Platform): Promise<PrivateJwk[]> {
  const rows = await db.signingKey.findMany({ orderBy: [{ createdAt: 'asc' }, { kid: 'asc' }] });
  return rows
    .sort((a, b) => ORDER.indexOf(a.state as SigningKeyState) - ORDER.indexOf(b.state as SigningKeyState))
    .map(({ kid, sealed }) => JSON.parse(vault.open(sealed, placeOf(kid)).toString()) as PrivateJwk);
}

const ORDER: readonly SigningKeyState[] = ['active', 'next', 'retired'];

/** Makes the active keys an installation needs to start. Two processes starting at once make one set. */
export async function ensureActiveKeys(platform: Platform): Promise<void> {
  const missing = await algsWithout(platform, 'active');
  if (missing.length === 0) return;
  await addKeys(platform, missing, 'active');
}

/** Job: publishes the successor of each active key ahead of its use. */
export async function ensureNextKeys(platform: Platform): Promise<void> {
  const missing = await algsWithout(platform, 'next');
  if (missing.length > 0) await addKeys(platform, missing, 'next');
}

/**
 * next → active → retired, for every algorithm, and new next keys. Running servers follow within a second.
 * Tokens signed by the retired keys verify until LIFETIMES.retiredSigningKey has passed.
 */
export async function rotateSigningKeys(platform: Platform, actor: Actor): Promise<SigningKeyView[]> {
  await ensureNextKeys(platform);
  await inTransaction(platform, async (tx) => {
    await lockKeys(tx);
    const { db, clock } = tx;
    const now = clock.now();
    // Somebody who rotates at the same moment has promoted the next keys already: then there is nothing to retire for.
    const unprepared = await algsWithout(tx, 'next');
    const alg = { in: SIGNING_ALGS.filter((one) => !unprepared.includes(one)) };
    if (alg.in.length === 0) return;
    await db.signingKey.updateMany({
      where: { state: 'active', alg },
      data: { state: 'retired', retiredAt: now },
    });
    await db.signingKey.updateMany({
      where: { state: 'next', alg },
      data: { state: 'active', promotedAt: now },
    });
    await recordEvent(tx, actor, 'signing-keys.rotated', { kind: 'signing-keys' });
  });
  await ensureNextKeys(platform);
  return listSigningKeys(platform);
}

/** Job: removes keys that retired so long ago that nothing they signed can be valid. */
export async function removeOldKeys({ db, clock }: Platform): Promise<number> {
  const before = secondsAfter(clock.now(), -LIFETIMES.retiredSigningKey);
  const { count } = await db.signingKey.deleteMany({
    where: { state: 'retired', retiredAt: { lt: before } },
  });
  return count;
}

/** Readiness: a server without an active key cannot sign. */
export async function missingKeys(platform: Platform): Promise<string[]> {
  return (await algsWithout(platform, 'active')).map((alg) => `there is no active ${alg} signing key`);
}

async function algsWithout({ db }: Platform, state: SigningKeyState): Promise<SigningAlg[]> {
  const rows = await db.signingKey.findMany({ where: { state }, select: { alg: true } });
  return SIGNING_ALGS.filter((alg) => !rows.some((row) => row.alg === alg));
}

async function addKeys(
  platform: Platform,
  algs: readonly SigningAlg[],
  state: SigningKeyState,
): Promise<void> {
  const made = await Promise.all(algs.map(newPrivateJwk));
  await inTransaction(platform, async (tx) => {
    await lockKeys(tx);
    const stillMissing = await algsWithout(tx, state);
    for (const jwk of made.filter(({ alg }) => stillMissing.includes(alg))) await saveKey(tx, jwk, state);
  });
}

/** Held until the transaction ends: whoever comes second sees what the first has made. */
async function lockKeys({ db }: Platform): Promise<void> {
  await db.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('signing-keys'))`;
}

async function saveKey(
  { db, clock, vault }: Platform,
  jwk: PrivateJwk,
  state: SigningKeyState,
): Promise<void> {
  const { kid, alg } = jwk;
  const now = clock.now();
  await db.signingKey.create({
    data: {
      kid,
      alg,
      state,
      publicJwk: publicPart(jwk),
      sealed: vault.seal(JSON.stringify(jwk), placeOf(kid)),
      createdAt: now,
      promotedAt: state === 'active' ? now : null,
    },
  });
}

const generate = promisify(generateKeyPair);

/** P-256, or RSA with 3072 bits: both at 128-bit strength (NIST SP 800-57). */
async function newPrivateJwk(alg: SigningAlg): Promise<PrivateJwk> {
  const { privateKey } =
    alg === 'ES256'
      ? await generate('ec', { namedCurve: 'P-256' })
      : await generate('rsa', { modulusLength: 3072 });
  const kid = randomBytes(12).toString('base64url');
  return { ...privateKey.export({ format: 'jwk' }), kid, alg, use: 'sig' };
}

function publicPart({ kty, crv, x, y, n, e, kid, alg, use }: PrivateJwk) {
  return JSON.parse(JSON.stringify({ kty, crv, x, y, n, e, kid, alg, use })) as Record<string, string>;
}

function placeOf(kid: string) {
  return { table: 'signing_keys', column: 'sealed', row: kid };
}
