import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { secondsAfter } from '../../platform/clock.ts';
import type { IssuedSecret } from '../../platform/crypto/secrets.ts';
import { renderLetter } from '../../platform/mail/letters.ts';
import { queueLetter } from '../../platform/mail/outbox.ts';
import type { Platform } from '../../platform/platform.ts';
import { deviceInWords } from '../sessions/device-in-words.ts';
import { placeInWords } from '../sessions/place-in-words.ts';
import type { LiveSession } from '../sessions/sessions.ts';
import type { CompletingFactor } from './strength.ts';

/** A sign-in that was just completed. `browser` is the new name of a browser that was not known for the account. */
export interface CompletedSignIn {
  readonly session: LiveSession;
  readonly factor: CompletingFactor;
  readonly browser: IssuedSecret | undefined;
}

/** A person who signs up is not told that they did, for this many seconds. */
const NEWCOMER_SECONDS = 3600;

/**
 * Writes the owner of the account a letter when it was signed in on a browser that it had not used before, in the
 * transaction of that sign-in, and records that it was one.
 */
export async function tellOfNewBrowser(tx: Platform, actor: Actor, signIn: CompletedSignIn): Promise<void> {
  const { session, factor, browser } = signIn;
  if (factor !== 'none' && browser === undefined) return;
  const row = await findFacts(tx, session);
  if (!row || !(await isNewBrowser(tx, signIn, row)) || (await isFirstOfNewcomer(tx, session, row))) return;
  const { account, userAgent, address } = row;
  const target = { kind: 'browser-session', id: session.id };
  await recordEvent(tx, actor, 'sign-in.new-browser', target, { accountId: session.accountId });
  const data = {
    device: deviceInWords(userAgent),
    place: placeInWords(address),
    at: tx.clock.now(),
    sessionsAddress: new URL('/account/sessions', tx.config.issuer).href,
  };
  await queueLetter(tx, { to: account.email, ...renderLetter(tx, 'new-sign-in', data, account.locale) });
}

interface Facts {
  readonly userAgent: string;
  readonly address: string;
  readonly account: { readonly email: string; readonly locale: string | null; readonly createdAt: Date };
}

function findFacts({ db }: Platform, { id }: LiveSession): Promise<Facts | null> {
  return db.browserSession.findUnique({
    where: { id },
    select: {
      userAgent: true,
      address: true,
      account: { select: { email: true, locale: true, createdAt: true } },
    },
  });
}

/**
 * After a real second factor the cookie tells. Without one no browser ever becomes known, so there it is one that has
 * the name and the network of no earlier session.
 */
async function isNewBrowser(tx: Platform, { session, factor }: CompletedSignIn, facts: Facts) {
  if (factor !== 'none') return true;
  const { accountId, id } = session;
  const earlier = await tx.db.browserSession.findMany({
    where: { accountId, id: { not: id }, completedAt: { not: null }, userAgent: facts.userAgent },
    select: { address: true },
    distinct: ['address'],
    take: 100,
  });
  return !earlier.some(({ address }) => placeInWords(address) === placeInWords(facts.address));
}

async function isFirstOfNewcomer({ db, clock }: Platform, { id, accountId }: LiveSession, facts: Facts) {
  if (facts.account.createdAt <= secondsAfter(clock.now(), -NEWCOMER_SECONDS)) return false;
  return (
    (await db.browserSession.count({ where: { accountId, id: { not: id }, completedAt: { not: null } } })) ===
    0
  );
}
