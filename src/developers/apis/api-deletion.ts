import { actsFrozen } from '../../accounts/recovery/frozen.ts';
import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { withdrawConsentsAt } from '../../tokens/consents.ts';
import { FROZEN } from '../frozen.ts';
import { afterEnds, endAccessesOf } from '../access/access-ends.ts';
import { findApiById } from './api.ts';
import { holdApi } from './scopes/scope-changes.ts';

export type ApiDeletion =
  | { readonly ok: true; readonly accesses: number }
  | Refused<'api' | 'name' | 'frozen'>;

/**
 * Deletes an API whose name was typed: every access to it ends and the apps' owners are told, its secrets are gone, and
 * what people allowed there is forgotten, so that whoever takes its identifier later begins with nothing.
 */
export async function deleteApi(
  platform: Platform,
  actor: Actor,
  input: { readonly apiId: string; readonly organizationId: string; readonly typedName: string },
): Promise<ApiDeletion> {
  const { apiId, organizationId, typedName } = input;
  const deleted = await inTransaction(platform, async (tx) => {
    if (await actsFrozen(tx, actor)) return refused('frozen', FROZEN);
    const held = await holdApi(tx, apiId, organizationId);
    const api = held && (await findApiById(tx, apiId));
    if (!api) return refused('api', 'No API has this ID.');
    if (typedName.normalize('NFKC').trim() !== api.name) {
      return refused('name', `That is not its name. Type ${api.name} exactly as it stands here.`);
    }
    const ended = await endAccessesOf(tx, actor, { apiId });
    const now = tx.clock.now();
    await tx.db.accessCode.updateMany({ where: { apiId, endedAt: null }, data: { endedAt: now } });
    await tx.db.accessRequest.updateMany({
      where: { apiId, outcome: null },
      data: { outcome: 'withdrawn', decidedAt: now },
    });
    if (held.identifier !== null) await withdrawConsentsAt(tx, held.identifier);
    await tx.db.clientSecret.deleteMany({ where: { holderId: api.clientId } });
    await tx.db.apiReportKey.deleteMany({ where: { apiId } });
    await tx.db.abuseReport.deleteMany({ where: { apiId } });
    await tx.db.eventTarget.deleteMany({ where: { apiId } });
    await tx.db.apiRoute.deleteMany({ where: { apiId } });
    await tx.db.api.deleteMany({ where: { id: apiId, organizationId } });
    const named = { organization: organizationId, name: api.name, identifier: held.identifier };
    const details = { ...named, accesses: ended.length };
    await recordEvent(tx, actor, 'api.deleted', { kind: 'api', id: apiId }, details);
    return { ok: true, api, ended } as const;
  });
  if (!deleted.ok) return deleted;
  await afterEnds(platform, deleted.api, deleted.ended);
  return { ok: true, accesses: deleted.ended.length };
}
