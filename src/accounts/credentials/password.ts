import { type Options, parseOptions } from '@node-rs/argon2';
import { Refusal } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Asker } from './hash-queue.ts';
import { HashingLost, hashThreads } from './hash-threads.ts';
import { normalizePassword } from './password-policy.ts';

/** Argon2id with 64 MiB, three passes, one lane, as RFC 9106 §4 has it for less memory: about 55 ms of one core. */
const PARAMETERS = { memoryCost: 65_536, timeCost: 3, parallelism: 1, outputLen: 32 } as const;
const SALT_BYTES = 16;

/** A hash that no password has. Verifying against it is the same work as against a real one. */
const NOBODYS_PHC = [
  '$argon2id$v=19',
  `m=${PARAMETERS.memoryCost},t=${PARAMETERS.timeCost},p=${PARAMETERS.parallelism}`,
  unpadded(Buffer.alloc(SALT_BYTES)),
  unpadded(Buffer.alloc(PARAMETERS.outputLen)),
].join('$');

/** What checking a password found. `rehashed` is the same password under today's parameters, where they grew. */
export type PasswordCheck = { readonly ok: false } | { readonly ok: true; readonly rehashed?: string };

/** The PHC string to store, peppered with the installation's own key. Throws Refusal 'busy' when the line is full. */
export async function hashPassword(platform: Platform, raw: string, asker?: Asker): Promise<string> {
  const password = normalizePassword(raw);
  if (password === undefined) throw new RangeError('a password is judged before it is hashed');
  return orBusy(platform, hashThreads.hash(password, { ...PARAMETERS, ...pepper(platform) }, asker));
}

/**
 * Compares a password with the stored PHC string; undefined (no such account, or no password) costs the same work
 * and fails. Throws Refusal 'busy' when the line is full.
 */
export async function checkPassword(
  platform: Platform,
  raw: string,
  phc: string | undefined,
  asker?: Asker,
): Promise<PasswordCheck> {
  const password = normalizePassword(raw);
  const verifying = hashThreads.verify(phc ?? NOBODYS_PHC, password ?? '', pepper(platform), asker);
  const right = await orBusy(platform, verifying);
  const weaker = phc !== undefined && isWeaker(phc);
  if (!right || phc === undefined || password === undefined) {
    if (weaker) await unlessBusy(spendRest(phc, asker));
    return { ok: false };
  }
  const rehashed = weaker ? await unlessBusy(hashPassword(platform, password, asker)) : undefined;
  return { ok: true, ...(rehashed !== undefined && { rehashed }) };
}

/**
 * A hash of weaker parameters is compared faster, and so soon an answer would tell that there is an account. Memory
 * times passes is what argon2 takes: what is missing of today's is done in vain.
 */
function spendRest(phc: string, asker?: Asker): Promise<string> {
  const { memoryCost, timeCost } = parseOptions(phc);
  const missing = PARAMETERS.memoryCost * PARAMETERS.timeCost - memoryCost * timeCost;
  const least = 8;
  const options = { ...PARAMETERS, memoryCost: Math.max(least, Math.round(missing / PARAMETERS.timeCost)) };
  return hashThreads.hash('nothing', options, asker);
}

/** What can wait for the next sign-in turns nobody away now. */
function unlessBusy<T>(work: Promise<T>): Promise<T | undefined> {
  return work.catch((error: unknown) => {
    if (error instanceof Refusal || error instanceof HashingLost) return undefined;
    throw error;
  });
}

/** True where a PHC string was made with less than today's parameters, or with another kind of argon2. */
export function isWeaker(phc: string): boolean {
  const { memoryCost, timeCost, parallelism, outputLen, saltLen } = parseOptions(phc);
  return (
    !phc.startsWith('$argon2id$v=19$') ||
    memoryCost < PARAMETERS.memoryCost ||
    timeCost < PARAMETERS.timeCost ||
    parallelism < PARAMETERS.parallelism ||
    outputLen < PARAMETERS.outputLen ||
    saltLen < SALT_BYTES
  );
}

/** A password about which nothing was found out is neither right nor wrong: the person tries again. */
async function orBusy<T>({ log }: Platform, work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    if (!(error instanceof HashingLost)) throw error;
    log.error({ err: error }, 'a password could not be hashed');
    throw new Refusal('busy', 'password.busy', { retryAfterSeconds: 5, cause: error });
  });
}

function pepper({ vault }: Platform): Options {
  return { secret: vault.secret('password-pepper') };
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
