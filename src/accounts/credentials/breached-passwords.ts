import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Platform } from '../../platform/platform.ts';
import { defineSetting } from '../../platform/settings.ts';

/** Asks a service of others, so operators turn it on; without it the offline list decides alone. */
export const BREACHED_LOOKUP = defineSetting({
  name: 'passwords.breached-lookup',
  schema: z.boolean(),
  fallback: false,
  about:
    'Whether new passwords are looked up among those known from breaches at api.pwnedpasswords.com, which learns five digits of a digest: true or false.',
});

/** Have I Been Pwned, k-anonymity by ranges: https://haveibeenpwned.com/API/v3#PwnedPasswords */
const RANGES = 'https://api.pwnedpasswords.com/range/';
const PATIENCE = 1_000;
const MOST_CHARACTERS = 500_000;
const PREFIX = 5;

/** So that a service that is down fills no log. */
let complained = false;

/**
 * Whether a normalized password is known from a breach. Five of forty digits of its SHA-1 leave this server; padding
 * hides from observers of the connection how many matched. Without an answer within a second it counts as unknown.
 */
export async function isBreached(
  { log }: Pick<Platform, 'log'>,
  password: string,
  ranges: string = RANGES,
): Promise<boolean> {
  const digest = createHash('sha1').update(password).digest('hex').toUpperCase();
  try {
    const found = (await readRange(ranges + digest.slice(0, PREFIX))).includes(digest.slice(PREFIX));
    complained = false;
    return found;
  } catch (error) {
    if (!complained) log.warn({ reason: reasonOf(error) }, 'breached passwords could not be looked up');
    complained = true;
    return false;
  }
}

/** The other digits of the digests that begin like this one. Padding has a count of 0. */
async function readRange(address: string): Promise<string[]> {
  const answer = await fetch(address, {
    headers: { 'Add-Padding': 'true', 'User-Agent': 'Gatehouse' },
    redirect: 'error',
    signal: AbortSignal.timeout(PATIENCE),
  });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const text = await readText(answer);
  return [...text.matchAll(/^([0-9A-F]{35}):0*[1-9]\d*\s*$/gm)].map(([, rest]) => String(rest));
}

async function readText({ body }: Response): Promise<string> {
  let text = '';
  for await (const chunk of (body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.length > MOST_CHARACTERS) throw new Error('too long');
  }
  return text;
}

/** A fault of fetch names the address it was sent to, and that holds a part of the digest. */
function reasonOf(error: unknown): string {
  const { name, cause } = error as { name?: string; cause?: { code?: string } };
  return cause?.code ?? name ?? 'unknown';
}
