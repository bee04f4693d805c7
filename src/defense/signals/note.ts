import { digestOf } from '../../platform/crypto/secrets.ts';
import type { Platform } from '../../platform/platform.ts';
import type { SignalName, SubjectKind } from './catalogue.ts';
import type { Subject } from './subject.ts';

/** Something that happened, and on whose account it is. */
export interface Signal {
  readonly signal: SignalName;
  readonly subject: Subject;
  /** Which of the distinct others it was about, where the catalogue says that these are told apart. */
  readonly member?: string | undefined;
  /** How often it happened; once where nothing is said. */
  readonly count?: number;
  /** Now where nothing is said. */
  readonly at?: Date;
}

export interface Tally {
  readonly minute: number;
  readonly kind: SubjectKind;
  readonly id: string;
  readonly signal: SignalName;
  count: number;
}

export interface Member extends Omit<Tally, 'minute' | 'count'> {
  readonly hour: number;
  readonly member: string;
}

/** What was not written yet, and what this process wrote of the hour: it does not write that again. */
export interface Collected {
  readonly tallies: Map<string, Tally>;
  readonly members: Map<string, Member>;
  known: { readonly hour: number; readonly keys: Set<string>; readonly perSubject: Map<string, number> };
}

const MINUTE = 60_000;
const HOUR = 3_600_000;

/** While the database is away, or somebody makes up ever new subjects: beyond this nothing new is noted. */
const MOST_WAITING = 50_000;
const MOST_KNOWN = 200_000;
/** Of one subject, signal and hour, a process: whoever reached that many is noticed long before. */
const MOST_MEMBERS = 5_000;
const LONGEST_MEMBER = 300;

const collected = new WeakMap<Platform['sql'], Collected>();

/** Counts something that happened, in memory. Part of every answer: does nothing that could fail or wait. */
export function noteSignal(platform: Platform, { signal, subject, member, count = 1, at }: Signal): void {
  const waiting = collectedBy(platform);
  const time = (at ?? platform.clock.now()).getTime();
  platform.metrics.signals.inc({ signal }, count);
  const row = { kind: subject.kind, id: subject.id, signal };
  addTally(waiting, { ...row, minute: time - (time % MINUTE), count });
  if (member !== undefined && member !== '')
    addMember(waiting, { ...row, hour: time - (time % HOUR), member: shortMember(member) });
}

/** What is long is told apart by all of it: whoever begins everything alike would be about one thing for ever. */
function shortMember(member: string): string {
  return member.length > LONGEST_MEMBER ? digestOf(member).toString('base64url') : member;
}

export function collectedBy({ sql }: Pick<Platform, 'sql'>): Collected {
  let waiting = collected.get(sql);
  if (!waiting) {
    waiting = { tallies: new Map(), members: new Map(), known: newlyKnown(0) };
    collected.set(sql, waiting);
  }
  return waiting;
}

/** Also puts back what could not be written. */
export function addTally({ tallies }: Collected, tally: Tally): void {
  const key = `${tally.kind} ${tally.id} ${tally.signal} ${tally.minute}`;
  const found = tallies.get(key);
  if (found) found.count += tally.count;
  else if (tallies.size < MOST_WAITING) tallies.set(key, { ...tally });
}

export function addMember(waiting: Collected, member: Member): void {
  const { hour, kind, id, signal } = member;
  if (hour > waiting.known.hour || waiting.known.keys.size >= MOST_KNOWN) waiting.known = newlyKnown(hour);
  const key = memberKey(member);
  if (waiting.known.keys.has(key) || waiting.members.has(key) || waiting.members.size >= MOST_WAITING) return;
  const whose = `${kind} ${id} ${signal} ${hour}`;
  const others = waiting.known.perSubject.get(whose) ?? 0;
  if (others >= MOST_MEMBERS) return;
  waiting.known.perSubject.set(whose, others + 1);
  waiting.members.set(key, member);
}

export function memberKey({ hour, kind, id, signal, member }: Member): string {
  return `${kind} ${id} ${signal} ${hour} ${member}`;
}

function newlyKnown(hour: number): Collected['known'] {
  return { hour, keys: new Set(), perSubject: new Map() };
}
