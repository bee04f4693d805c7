import { createHash } from 'node:crypto';
import { newId } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import type { Actor } from './actor.ts';
import type { AuditAction, AuditDetails, AuditEntry, AuditTarget } from './events.ts';

/** Records one event on the given handle, so that it commits with the effect it tells of. */
export async function recordEvent(
  platform: Platform,
  actor: Actor,
  action: AuditAction,
  target: AuditTarget,
  details: AuditDetails = {},
): Promise<void> {
  const entry = auditEntry(platform.clock.now(), actor, action, target, details);
  await platform.db.auditEvent.create({ data: { ...entry, details: { ...entry.details } } });
  platform.metrics.events.inc({ action });
}

/** The same for many targets of one change, such as all that ends with something. */
export async function recordEvents(
  platform: Platform,
  actor: Actor,
  action: AuditAction,
  events: readonly { readonly target: AuditTarget; readonly details: AuditDetails }[],
): Promise<void> {
  const now = platform.clock.now();
  const rows = events.map(({ target, details }) => {
    const entry = auditEntry(now, actor, action, target, details);
    return { ...entry, details: { ...details } };
  });
  for (let from = 0; from < rows.length; from += 1_000) {
    await platform.db.auditEvent.createMany({ data: rows.slice(from, from + 1_000) });
  }
  platform.metrics.events.inc({ action }, rows.length);
}

/** The same entry for code that writes it in a statement of its own (the write set). */
export function auditEntry(
  at: Date,
  actor: Actor,
  action: AuditAction,
  target: AuditTarget,
  details: AuditDetails = {},
): AuditEntry {
  const entry = {
    id: newId(),
    at,
    actorKind: actor.kind,
    actorId: actor.id ?? null,
    action,
    targetKind: target.kind,
    targetId: target.id ?? null,
    requestId: actor.requestId ?? null,
    details,
  };
  return { ...entry, digest: auditDigest(entry) };
}

/** SHA-256 over the entry's fields in a fixed order, details with sorted keys: whoever recomputes it sees a change. */
export function auditDigest(entry: Omit<AuditEntry, 'digest'>): Buffer<ArrayBuffer> {
  const fields = [
    entry.id,
    entry.at.toISOString(),
    entry.actorKind,
    entry.actorId,
    entry.action,
    entry.targetKind,
    entry.targetId,
    entry.requestId,
    Object.entries(entry.details).sort(([a], [b]) => (a < b ? -1 : 1)),
  ];
  return createHash('sha256').update(JSON.stringify(fields)).digest();
}
