import { randomBytes } from 'node:crypto';
import { secondsAfter } from '../../platform/clock.ts';
import { digestOf } from '../../platform/crypto/secrets.ts';
import type { Platform } from '../../platform/platform.ts';

/** What a challenge may be answered for. An answer to one purpose is worthless for the others. */
export type PasskeyPurpose = 'sign-in' | 'second-factor' | 'registration';

/** The ceremony a challenge belongs to; it can be answered in no other. */
export interface Ceremony {
  readonly purpose: PasskeyPurpose;
  /** Value of the cookie of the browser that asks. */
  readonly browser: string;
  /** The half or whole session of that browser, where it has one. */
  readonly sessionId: string | undefined;
}

/** Seconds in which a challenge can be answered, once. */
export const CHALLENGE_SECONDS = 300;

const CHALLENGE_BYTES = 32;

/** A new challenge (WebAuthn §13.4.3). Only its digest is stored. */
export async function issueChallenge(
  { db, clock }: Platform,
  { purpose, browser, sessionId }: Ceremony,
): Promise<Buffer<ArrayBuffer>> {
  const now = clock.now();
  const challenge = Buffer.from(randomBytes(CHALLENGE_BYTES));
  await db.passkeyChallenge.create({
    data: {
      digest: digestOf(challenge.toString('base64url')),
      browserDigest: digestOf(browser),
      purpose,
      sessionId: sessionId ?? null,
      createdAt: now,
      expiresAt: secondsAfter(now, CHALLENGE_SECONDS),
    },
  });
  return challenge;
}

/**
 * Uses a challenge up, whatever the answer to it turns out to be worth. One conditional statement: of any number of
 * answers to one challenge, in any number of processes, one is looked at.
 */
export async function spendChallenge(
  { db, clock }: Platform,
  { purpose, browser, sessionId }: Ceremony,
  challenge: string,
): Promise<boolean> {
  const now = clock.now();
  const { count } = await db.passkeyChallenge.updateMany({
    where: {
      digest: digestOf(challenge),
      browserDigest: digestOf(browser),
      purpose,
      sessionId: sessionId ?? null,
      consumedAt: null,
      expiresAt: { gt: now },
    },
    data: { consumedAt: now },
  });
  return count === 1;
}

/** Job: forgets challenges that nobody can answer any more. */
export async function sweepPasskeyChallenges({ db, clock }: Platform): Promise<number> {
  const { count } = await db.passkeyChallenge.deleteMany({
    where: { expiresAt: { lt: clock.now() } },
  });
  return count;
}
