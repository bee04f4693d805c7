import type { Access } from '../../../prisma/generated/client.ts';
import { actsFrozen } from '../../accounts/recovery/frozen.ts';
import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { dateOf } from '../../platform/clock.ts';
import { UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { FROZEN } from '../frozen.ts';
import { latestEnd } from './access.ts';
import { type AccessNamed, liveAt, tellOfAccess, UNKNOWN_ACCESS } from './access-ends.ts';
import { judgeCaps } from './entitlement.ts';

/** What is left out stays as it is; null takes an end or a limit away. */
export interface AccessChange extends AccessNamed {
  readonly until?: Date | null;
  readonly peoplePerDay?: number | null;
  readonly requestsPerMinute?: number | null;
}

export type AccessChanged =
  | { readonly ok: true; readonly id: string; readonly until: Date | null }
  | Refused<'access' | 'frozen' | 'until' | 'peoplePerDay' | 'requestsPerMinute'>;

/** Gives a live access another end or other limits. The owners of the app are told. */
export async function changeAccess(
  platform: Platform,
  actor: Actor,
  { until, peoplePerDay, requestsPerMinute, ...named }: AccessChange,
): Promise<AccessChanged> {
  const caps = { peoplePerDay: peoplePerDay ?? null, requestsPerMinute: requestsPerMinute ?? null };
  const judged = judgeCaps(caps);
  if (judged) return judged;
  if (!UUID.test(named.id)) return refused('access', UNKNOWN_ACCESS);
  return inTransaction(platform, async (tx): Promise<AccessChanged> => {
    if (await actsFrozen(tx, actor)) return refused('frozen', FROZEN);
    const now = tx.clock.now();
    const before = await tx.db.access.findFirst({ where: { ...named, ...liveAt(now) } });
    if (!before) return refused('access', UNKNOWN_ACCESS);
    const end = until === undefined ? undefined : await judgeEnd(tx, before, until);
    if (end?.ok === false) return end;
    const wishes = { until: end?.until, peoplePerDay, requestsPerMinute };
    const data = Object.fromEntries(Object.entries(wishes).filter(([, value]) => value !== undefined));
    const [after] = await tx.db.access.updateManyAndReturn({ where: { ...named, ...liveAt(now) }, data });
    if (!after) return refused('access', UNKNOWN_ACCESS);
    const { id, clientId, apiId } = after;
    const details = {
      ...{ client: clientId, api: apiId, until: after.until?.toISOString() ?? null },
      ...{ peoplePerDay: after.peoplePerDay, requestsPerMinute: after.requestsPerMinute },
    };
    await recordEvent(tx, actor, 'access.changed', { kind: 'access', id }, details);
    await tellOfAccess(tx, 'changed', after);
    return { ok: true, id, until: after.until };
  });
}

type JudgedEnd = { readonly ok: true; readonly until: Date | null } | Refused<'until'>;

/** Where the last day is the one on which what is sensitive ends anyway, it ends then. */
async function judgeEnd(tx: Platform, access: Access, until: Date | null): Promise<JudgedEnd> {
  if (until && until <= tx.clock.now()) {
    return refused('until', 'That end is in the past. Choose a later day, or end the access now.');
  }
  const latest = await latestEnd(tx, access);
  if (!latest || (until && until <= latest)) return { ok: true, until };
  if (until && until.getTime() - latest.getTime() < 86_400_000) return { ok: true, until: latest };
  const day = dateOf(latest);
  return refused(
    'until',
    `It holds a sensitive scope, so it lasts at most until ${day}. Choose that day or an earlier one.`,
  );
}
