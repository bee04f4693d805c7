import { randomInt } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Kept } from './kept.ts';
import type { Commanded } from './programs.ts';

/** The people, apps and APIs of the demo, as the guide and the programs need them. */
export interface Seeds {
  readonly person: { readonly email: string; readonly password: string; readonly otpauthUri: string };
  readonly calendarOrganization: string;
  readonly calendar: Credentials & { readonly identifier: string };
  readonly notes: Credentials;
  readonly script: Credentials;
}

export interface Credentials {
  readonly clientId: string;
  readonly secret: string;
}

export interface Seeding {
  readonly kept: Kept;
  /** Writes `kept` down. */
  keep(): void;
  /** Runs one command of the command line, `input` on its stdin. */
  command(args: readonly string[], input?: string): Promise<Commanded>;
  /** Nothing more is begun once this is aborted. */
  readonly stop: AbortSignal;
  readonly calendarUrl: string;
  readonly notesUrl: string;
}

const MOST_TRIES = 5;

/**
 * Makes what is missing, with the same commands anybody would use, and returns all of it. What was made for other
 * addresses than today's is made again; what was made but never written down is made under another name.
 */
export async function seed(seeding: Seeding): Promise<Seeds> {
  const { kept } = seeding;
  if (kept.pending.length > 0) kept.round += 1;
  kept.pending = [];
  for (let tries = 1; ; tries++) {
    try {
      return await makeAll(seeding);
    } catch (error) {
      if (!(error instanceof Refused) || tries === MOST_TRIES) throw error;
      kept.round += 1;
    }
  }
}

/** The command line said no: most likely the name is taken by an earlier, forgotten run. */
class Refused extends Error {}

async function makeAll(seeding: Seeding): Promise<Seeds> {
  const { round } = seeding.kept;
  const again = round === 1 ? '' : `-${round}`;
  const identifier = round === 1 ? seeding.calendarUrl : `${seeding.calendarUrl}/${round}`;
  const developer = `dana${again}@example.com`;
  const [person] = await both(
    makePerson(seeding, `robin${again}@example.com`, 'Robin Reader'),
    makePerson(seeding, developer, 'Dana Developer'),
  );
  const [calendars, workshop] = await both(
    make(seeding, 'organization create', { name: 'Fennel Calendars', owner: developer }),
    make(seeding, 'organization create', { name: 'Notes Workshop', owner: developer }),
  );
  const calendar = await make(seeding, 'api create', {
    ...{ organization: named(calendars, 'id'), name: 'Fennel Calendar', identifier },
    scope: ['calendar:read=See your events', 'calendar:write=Add events to your calendar'],
  });
  const [notes, script] = await both(
    make(seeding, 'client create', {
      ...{ organization: named(workshop, 'id'), name: 'Notes', type: 'web' },
      'redirect-uri': `${seeding.notesUrl}/callback`,
      'post-logout-redirect-uri': `${seeding.notesUrl}/`,
      ...{ resource: identifier, scope: ['openid', 'profile', 'calendar:read'] },
    }),
    make(seeding, 'client create', {
      ...{ organization: named(calendars, 'id'), name: 'Script', type: 'machine' },
      ...{ resource: identifier, scope: 'calendar:read' },
    }),
  );
  const reading = { client: named(notes, 'client_id'), api: identifier, scope: 'calendar:read' };
  await make(seeding, 'access grant', reading);
  return {
    person,
    calendarOrganization: named(calendars, 'id'),
    calendar: { ...credentialsIn(calendar), identifier },
    notes: credentialsIn(notes),
    script: credentialsIn(script),
  };
}

async function makePerson(seeding: Seeding, email: string, name: string): Promise<Seeds['person']> {
  const { passwords } = seeding.kept;
  passwords[email] ??= readablePassword();
  const password = passwords[email];
  const options = { email, name, 'password-stdin': true, verified: true, totp: true } as const;
  const answer = await make(seeding, 'account create', options, password);
  return { email, password, otpauthUri: named(answer, 'otpauth_uri') };
}

type Options = Readonly<Record<string, string | readonly string[] | true>>;

/** Runs a command unless the very same one was run before, and keeps its answer. */
async function make(
  { kept, keep, command, stop }: Seeding,
  what: string,
  options: Options,
  input?: string,
): Promise<Record<string, string>> {
  const name = `${what}: ${options.name ?? options.client}`;
  const before = kept.made[name];
  if (before && isDeepStrictEqual(before.options, options)) return before.answer;
  stop.throwIfAborted();
  kept.pending.push(name);
  keep();
  const done = await command([...what.split(' '), ...argumentsOf(options)], input);
  kept.pending = kept.pending.filter((pending) => pending !== name);
  if (done.ok) kept.made[name] = { options, answer: done.answer };
  keep();
  if (done.ok) return done.answer;
  throw new Refused(`"gatehouse ${what}" was refused: ${done.sentence}`);
}

function argumentsOf(options: Options): string[] {
  return Object.entries(options).flatMap(([name, value]) =>
    value === true ? [`--${name}`] : [value].flat().flatMap((each) => [`--${name}`, each]),
  );
}

/** Two at a time; what one of them throws is thrown when both have ended. */
async function both<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([first, second]);
  return Promise.all([first, second]);
}

function credentialsIn(answer: Record<string, string>): Credentials {
  return { clientId: named(answer, 'client_id'), secret: named(answer, 'client_secret') };
}

function named(answer: Record<string, string>, key: string): string {
  const value = answer[key];
  if (typeof value === 'string') return value;
  throw new Error(`The command line did not answer with "${key}".`);
}

/** Twelve letters in three words that can be typed and read out, such as `kuvo-tira-meso`: about 37 bits. */
function readablePassword(): string {
  const pick = (letters: string) => letters[randomInt(letters.length)];
  const syllable = () => `${pick('bdfghjklmnprstvz')}${pick('aeiou')}`;
  return Array.from({ length: 3 }, () => syllable() + syllable()).join('-');
}
