import { secondsAfter } from '../clock.ts';
import { newId } from '../ids.ts';
import type { Platform } from '../platform.ts';
import type { Letter } from './transport.ts';

/** A letter waits at /mailbox for an hour; letters are tried for a day. */
export const MAILBOX_SECONDS = 3600;
const GIVE_UP_SECONDS = 86_400;

/** While a letter is under way nobody else takes it; afterwards it is tried again, so a crash loses none. */
const UNDER_WAY_SECONDS = 120;

/** Puts a letter into the outbox, sealed, on the caller's transaction: it exists exactly if its cause does. */
export async function queueLetter(platform: Platform, letter: Omit<Letter, 'id'>): Promise<void> {
  const { db, vault, clock } = platform;
  if (!ONE_ADDRESS.test(letter.to)) throw new TypeError('a letter goes to exactly one plain address');
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(letter.subject)) throw new TypeError('a subject is one line');
  const id = newId();
  const now = clock.now();
  const { to, subject, text, html } = letter;
  const sealed = vault.seal(JSON.stringify({ to, subject, text, html }), placeOf(id));
  await db.letter.create({ data: { id, sealed, createdAt: now, dueAt: now } });
}

/**
 * Delivers every letter that is due and answers how many went out. Any number of deliverers may run at once: each
 * letter is taken by one. What fails is tried again after a growing, jittered delay, and dropped after a day.
 */
export async function deliverDueLetters(platform: Platform): Promise<number> {
  let delivered = 0;
  for (;;) {
    const taken = await takeDueLetters(platform);
    if (taken.length === 0) return delivered;
    const outcomes = await Promise.all(taken.map((letter) => deliver(platform, letter)));
    delivered += outcomes.filter((sent) => sent).length;
  }
}

interface TakenLetter {
  readonly id: string;
  readonly sealed: string;
  readonly attempts: number;
  readonly createdAt: Date;
}

/** A few at once, so that one slow delivery does not hold up all others. */
async function takeDueLetters({ db, clock }: Platform): Promise<TakenLetter[]> {
  const now = clock.now();
  return db.$queryRaw<TakenLetter[]>`
    WITH due AS MATERIALIZED (
      SELECT id FROM letters WHERE sent_at IS NULL AND sealed IS NOT NULL AND due_at <= ${now}
      ORDER BY due_at LIMIT 5 FOR UPDATE SKIP LOCKED
    )
    UPDATE letters SET attempts = attempts + 1, due_at = ${secondsAfter(now, UNDER_WAY_SECONDS)}
    FROM due WHERE letters.id = due.id
    RETURNING letters.id::text AS id, sealed, attempts, created_at AS "createdAt"`;
}

async function deliver(platform: Platform, taken: TakenLetter): Promise<boolean> {
  const { clock, log, mail } = platform;
  const age = (clock.now().getTime() - taken.createdAt.getTime()) / 1000;
  if (age >= (mail.kind === 'mailbox' ? MAILBOX_SECONDS : GIVE_UP_SECONDS)) {
    if (mail.kind === 'smtp')
      log.error({ attempts: taken.attempts }, 'a letter was dropped after a day of failed deliveries');
    await eraseLetter(platform, taken.id, null);
    return false;
  }
  try {
    await mail.send(openLetter(platform, taken));
  } catch (error) {
    log.warn(
      { letter: taken.id, attempts: taken.attempts, err: error },
      'a letter could not be delivered yet',
    );
    await postpone(platform, taken, retryDelay(taken.attempts));
    return false;
  }
  if (mail.kind === 'smtp') {
    await eraseLetter(platform, taken.id, clock.now());
  } else {
    // That there is one, never what it says: a log holds no code.
    log.info('a letter waits at /mailbox');
    await postpone(platform, taken, MAILBOX_SECONDS - age);
  }
  return true;
}

/** Job: how many letters are due and wait, for the metrics. Those shown at /mailbox wait for nobody. */
export async function measureLetters({ db, clock, mail, metrics }: Platform): Promise<void> {
  const due = { sealed: { not: null }, sentAt: null, dueAt: { lte: clock.now() } };
  metrics.lettersWaiting.set(mail.kind === 'smtp' ? await db.letter.count({ where: due }) : 0);
}

/** Letters that several tries could not deliver; at /mailbox nothing is delivered. */
export async function countStuckLetters({ db, mail }: Platform): Promise<number> {
  const stuck = { sealed: { not: null }, sentAt: null, attempts: { gte: 3 } };
  return mail.kind === 'smtp' ? db.letter.count({ where: stuck }) : 0;
}

/** Job: forgets that a letter existed a day after its text is gone. */
export async function forgetErasedLetters({ db, clock }: Platform): Promise<number> {
  const before = secondsAfter(clock.now(), -2 * GIVE_UP_SECONDS);
  const { count } = await db.letter.deleteMany({ where: { sealed: null, createdAt: { lt: before } } });
  return count;
}

/** The text is gone as soon as nobody needs it; the row tells that a letter was sent. */
async function eraseLetter({ db }: Platform, id: string, sentAt: Date | null): Promise<void> {
  await db.letter.updateMany({ where: { id }, data: { sealed: null, sentAt } });
}

/** Only while it is still ours: who was slow enough to lose a letter to another deliverer has no say any more. */
async function postpone(
  { db, clock }: Platform,
  { id, attempts }: TakenLetter,
  seconds: number,
): Promise<void> {
  const dueAt = secondsAfter(clock.now(), seconds);
  await db.letter.updateMany({ where: { id, attempts }, data: { dueAt } });
}

/** 15 seconds doubling up to half an hour, half of it by chance, so that a returning server is not met by all at once. */
export function retryDelay(attempts: number, chance: number = Math.random()): number {
  return Math.min(15 * 2 ** (attempts - 1), 1800) * (0.5 + chance / 2);
}

/** A letter in the mailbox, opened for its page. */
export interface WaitingLetter extends Letter {
  readonly createdAt: Date;
}

/** The letters that wait at /mailbox, newest first; none when letters really leave. */
export async function waitingLetters(platform: Platform): Promise<WaitingLetter[]> {
  const { db, clock, mail } = platform;
  if (mail.kind !== 'mailbox') return [];
  const rows = await db.letter.findMany({
    where: { sealed: { not: null }, createdAt: { gt: secondsAfter(clock.now(), -MAILBOX_SECONDS) } },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: 50,
  });
  return rows.map(({ id, sealed, createdAt }) => ({
    ...openLetter(platform, { id, sealed: sealed ?? '' }),
    createdAt,
  }));
}

function openLetter(
  { vault }: Platform,
  { id, sealed }: { readonly id: string; readonly sealed: string },
): Letter {
  return { id, ...JSON.parse(vault.open(sealed, placeOf(id)).toString()) };
}

function placeOf(row: string) {
  return { table: 'letters', column: 'sealed', row };
}

/** Nothing that the mail library, or a server on the way, could read as a list, a comment or another header. */
const ONE_ADDRESS = /^[^\s\p{C}@,;:<>()[\]"\\]+@[^\s\p{C}@,;:<>()[\]"\\]+$/u;
