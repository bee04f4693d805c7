import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { type IdTokenAlgorithm, signsPeopleIn } from './app-types.ts';
import { holdOwnApp, type AppOf } from './hold-app.ts';

export type AlgorithmChange =
  | { readonly ok: true; readonly changed: boolean }
  | Refused<'client' | 'sponsored' | 'type'>;

/** How the ID tokens of an app are signed from now on: RS256 is for libraries that verify nothing else. */
export async function changeIdTokenAlgorithm(
  platform: Platform,
  actor: Actor,
  { idTokenAlgorithm, ...of }: AppOf & { readonly idTokenAlgorithm: IdTokenAlgorithm },
): Promise<AlgorithmChange> {
  return inTransaction(platform, async (tx): Promise<AlgorithmChange> => {
    const held = await holdOwnApp(tx, actor, of);
    if (!held.ok) return held;
    const { id, organizationId, type, idTokenAlgorithm: before } = held.app;
    if (!signsPeopleIn(type)) return refused('type', 'A machine signs nobody in: it gets no ID tokens.');
    if (before === idTokenAlgorithm) return { ok: true, changed: false };
    const metadata = await metadataWith(tx, id, idTokenAlgorithm);
    const data = { metadata, updatedAt: tx.clock.now() };
    await tx.db.client.updateMany({ where: { id, organizationId }, data });
    await recordEvent(tx, actor, 'client.changed', { kind: 'client', id }, { idTokenAlgorithm });
    return { ok: true, changed: true };
  });
}

/** What the protocol needs of an app beside what its owners see; read while the app is held. */
export async function metadataWith(tx: Platform, id: string, idTokenAlgorithm: IdTokenAlgorithm) {
  const { metadata } = await tx.db.client.findUniqueOrThrow({ where: { id }, select: { metadata: true } });
  return { ...(metadata as Record<string, never>), id_token_signed_response_alg: idTokenAlgorithm };
}
