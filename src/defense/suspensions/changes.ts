import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { newId } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { holdTokens, releaseTokens } from '../../tokens/holds.ts';
import { effectOf, type Times } from './ladder.ts';
import {
  type Evidence,
  type Subject,
  type Suspension,
  suspensionOf,
  type SuspensionKind,
} from './suspension.ts';

/** What a suspension rests on. */
export interface Ground {
  readonly rule: string;
  readonly note?: string | undefined;
  readonly evidence: Evidence;
}

export interface Opening extends Ground {
  readonly kind: SuspensionKind;
  readonly ids: Subject;
  readonly times: Times;
  readonly dryRun: boolean;
}

/** Part of a change: opens a suspension, with its event and what it holds. */
export async function openSuspension(
  tx: Platform,
  actor: Actor,
  { kind, ids, times, dryRun, rule, note, evidence }: Opening,
): Promise<Suspension> {
  const row = await tx.db.suspension.create({
    data: {
      ...{ id: newId(), kind, ...ids, ...times, dryRun, rule, note: note ?? null },
      ...{ evidence: { ...evidence }, startedAt: tx.clock.now() },
    },
  });
  const suspension = suspensionOf(row);
  await holdWhatItPauses(tx, suspension);
  await recordEvent(
    tx,
    actor,
    'suspension.started',
    { kind: 'suspension', id: row.id },
    detailsOf(suspension),
  );
  return suspension;
}

/** Part of a change: moves a suspension that its caller has locked to another rung. */
export async function moveSuspension(
  tx: Platform,
  actor: Actor,
  before: Suspension,
  times: Times,
  { rule, note, evidence }: Ground,
): Promise<Suspension> {
  const data = { ...times, rule, evidence: { ...evidence }, ...(note !== undefined && { note }) };
  const row = await tx.db.suspension.update({ where: { id: before.id, endedAt: null }, data });
  const suspension = suspensionOf(row);
  await holdWhatItPauses(tx, suspension);
  await recordEvent(tx, actor, 'suspension.moved', { kind: 'suspension', id: row.id }, detailsOf(suspension));
  return suspension;
}

export type EndedBy = 'time' | 'operator' | 'appeal' | 'superseded';

/** Part of a change: ends a suspension unless it has ended. Undefined where somebody else was first. */
export async function closeSuspension(
  tx: Platform,
  actor: Actor,
  id: string,
  endedBy: EndedBy,
): Promise<Suspension | undefined> {
  const now = tx.clock.now();
  const [row] = await tx.db.suspension.updateManyAndReturn({
    where: { id, endedAt: null },
    data: { state: 'ended', stateSince: now, endedAt: now, endedBy },
  });
  if (!row) return undefined;
  const suspension = suspensionOf(row);
  await releaseTokens(tx, [id]);
  await recordEvent(
    tx,
    actor,
    'suspension.ended',
    { kind: 'suspension', id },
    { ...detailsOf(suspension), by: endedBy },
  );
  return suspension;
}

/** What the trail says of a suspension: ids, its rung and its cause. */
export function detailsOf({ kind, state, level, rule, dryRun, ...row }: Suspension) {
  const { pausedUntil, until, clientId, apiId, grantId, accountId, organizationId, network } = row;
  const ids = {
    client: clientId,
    api: apiId,
    grant: grantId,
    account: accountId,
    organization: organizationId,
    network,
  };
  const known = Object.fromEntries(Object.entries(ids).filter(([, id]) => id !== null));
  const ends = { until: (pausedUntil ?? until)?.toISOString() ?? null };
  return { kind, ...known, state, level, rule, ...ends, ...(dryRun && { dryRun }) };
}

/** Grants and accounts are paused by what tokens/ reads anyway; nothing of it is destroyed. */
async function holdWhatItPauses(tx: Platform, suspension: Suspension): Promise<void> {
  const { id, kind, grantId, accountId } = suspension;
  const subject = kind === 'grant' ? grantId : kind === 'account' ? accountId : null;
  if (subject === null) return;
  const { share, until } = effectOf(suspension, tx.clock.now());
  if (share === 0) await holdTokens(tx, { suspensionId: id, subject, until });
  else await releaseTokens(tx, [id]);
}
