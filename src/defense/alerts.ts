import type { Actor } from '../audit/actor.ts';
import { recordEvent } from '../audit/trail.ts';
import { newId } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import { inTransaction } from '../platform/transaction.ts';

/** What operators are told of. A page is for now, a notice for today. */
export interface AlertRaised {
  /** Its kind, by which it is named in texts, metrics and the console. */
  readonly kind: AlertKind;
  /** What it is about, so that repeats count instead of being told again: an id, a keyed digest, or nothing. */
  readonly about?: string;
  readonly severity: 'page' | 'notice';
  /** Counts and ids it rests on. Never personal data. */
  readonly evidence: Readonly<Record<string, string | number | readonly string[]>>;
}

export const ALERT_KINDS = [
  'stuffing',
  'spraying',
  'second-factor-guessing',
  'client-burst',
  'client-drift',
  'suspensions-exceed-share',
  'suspension-waits',
  'abuse-report-needs-operator',
  'foreign-introspection',
  'codes-replayed',
  'routes-probed',
  'secrets-guessed',
  'cap-ignored',
  'overload',
  'letters-over-cap',
  'event-target-given-up',
] as const;

export type AlertKind = (typeof ALERT_KINDS)[number];

const BY: Actor = { kind: 'job', id: 'watch' };

/** Opens an alert, or counts one more of it where it is open already: one page an incident. Answers whether it is new. */
export async function raiseAlert(platform: Platform, raised: AlertRaised): Promise<boolean> {
  const { kind, about = '', severity } = raised;
  const key = about === '' ? kind : `${kind} ${about}`;
  const now = platform.clock.now().toISOString();
  const evidence = JSON.stringify(raised.evidence);
  const opened = await inTransaction(platform, async (tx) => {
    const [row] = await tx.db.$queryRaw<{ id: string; opened: boolean }[]>`
      INSERT INTO alerts AS a (id, key, kind, severity, evidence, opened_at, last_at)
      VALUES (${newId()}::uuid, ${key}, ${kind}, ${severity}, ${evidence}::jsonb, ${now}::timestamptz, ${now}::timestamptz)
      ON CONFLICT (key) WHERE closed_at IS NULL DO UPDATE SET count = a.count + 1, last_at = excluded.last_at,
        evidence = excluded.evidence,
        severity = CASE WHEN excluded.severity = 'page' THEN 'page' ELSE a.severity END
      RETURNING id::text, count = 1 AS opened`;
    if (row?.opened)
      await recordEvent(tx, BY, 'alert.opened', { kind: 'alert', id: row.id }, { alert: kind });
    return row?.opened === true;
  });
  if (opened) platform.metrics.alertsOpened.inc({ kind, severity });
  return opened;
}
