import type { Actor } from '../../audit/actor.ts';
import { covers } from '../../defense/suspensions/networks.ts';
import { startSuspension } from '../../defense/suspensions/start.ts';
import type { Suspension } from '../../defense/suspensions/suspension.ts';
import { findSubject, type KindByHand, type TypedSubject } from '../../developers/suspension-subjects.ts';
import { spareOperators } from '../accounts/account-acts.ts';
import { cleanName } from '../../developers/names.ts';
import { secondsAfter } from '../../platform/clock.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';

/** How long a suspension by hand lasts, in seconds; none: until people end it. */
export const LASTING = { hour: 3_600, day: 86_400, week: 7 * 86_400, open: undefined } as const;
export type Lasting = keyof typeof LASTING;

export interface ByHand extends TypedSubject {
  readonly kind: KindByHand;
  /** What the owners read, and colleagues later. */
  readonly note: string;
  readonly lasting: Lasting;
  /** The address that it comes from: nobody locks themselves out by mistake. */
  readonly from?: string | undefined;
}

export type StartedByHand =
  | { readonly ok: true; readonly suspension: Suspension; readonly change: 'started' | 'moved' | 'none' }
  | Refused<string>;

/** Suspends somebody whom an operator named, at once. */
export async function startByHand(platform: Platform, actor: Actor, wish: ByHand): Promise<StartedByHand> {
  const { kind, lasting, note: raw, from } = wish;
  const note = cleanName(raw, 'The reason', 300);
  if (!note.ok) return refused('note', note.sentence);
  const subject = await findSubject(platform, kind, wish);
  if (!subject.ok) return subject;
  if (subject.ids.network && from && covers(subject.ids.network, from)) return OWN_NETWORK;
  const { accountId } = subject.ids;
  const spared = accountId ? await spareOperators(platform, actor, accountId) : undefined;
  if (spared) return refused('account', spared.sentence);
  const seconds = LASTING[lasting];
  const until = seconds === undefined ? undefined : secondsAfter(platform.clock.now(), seconds);
  return startSuspension(platform, actor, { kind, ids: subject.ids, note: note.name, until });
}

const OWN_NETWORK = refused(
  'network',
  'Your own address lies in this network: you would lock yourself out. Suspend a smaller one, or use the command line.',
);
