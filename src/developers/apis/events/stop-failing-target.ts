import type { Actor } from '../../../audit/actor.ts';
import { recordEvent } from '../../../audit/trail.ts';
import { raiseAlert } from '../../../defense/alerts.ts';
import type { Platform } from '../../../platform/platform.ts';
import { lockHolder } from '../../clients/credentials/credential-holders.ts';
import { tellOfStoppedTarget } from '../../clients/credentials/credential-letters.ts';

const ACTOR: Actor = { kind: 'job', id: 'deliver-events' };

const WORDS = {
  failing: 'developer-letters.event-target-stopped',
  gone: 'developer-letters.event-target-gone',
} as const;

/**
 * Stops sending to a target that takes nothing any more: its owners and the operators are told, once. Part of the
 * change that gives a message up.
 */
export async function stopFailingTarget(
  tx: Platform,
  targetId: string,
  why: keyof typeof WORDS,
): Promise<void> {
  const [target] = await tx.db.eventTarget.updateManyAndReturn({
    where: { id: targetId, disabledAt: null },
    data: { disabledAt: tx.clock.now() },
  });
  const api = target && (await tx.db.api.findUnique({ where: { id: target.apiId } }));
  const holder = api && (await lockHolder(tx, api.clientId));
  if (!target || !holder) return;
  const details = { target: targetId, stopped: true, reason: why };
  await recordEvent(tx, ACTOR, 'event-target.changed', { kind: 'api', id: holder.id }, details);
  const evidence = { target: targetId, api: holder.id, organization: holder.organizationId };
  await raiseAlert(tx, { kind: 'event-target-given-up', about: targetId, severity: 'notice', evidence });
  const values = { address: new URL(target.url).host };
  await tellOfStoppedTarget(tx, holder, { key: WORDS[why], values });
}
