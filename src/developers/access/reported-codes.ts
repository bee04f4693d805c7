import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import type { Platform } from '../../platform/platform.ts';
import { tellOfLeak } from '../clients/credentials/credential-letters.ts';
import { findHolder } from '../clients/credentials/credential-holders.ts';

/** Ends an access code that somebody found in public, and tells the API's owners. False where it had ended before. */
export async function endReportedCode(
  tx: Platform,
  actor: Actor,
  digest: Buffer<ArrayBuffer>,
): Promise<boolean> {
  const now = tx.clock.now();
  const [code] = await tx.db.accessCode.updateManyAndReturn({
    where: { digest, endedAt: null, usesLeft: { gt: 0 }, untilAt: { gt: now } },
    data: { endedAt: now },
  });
  if (!code) return false;
  const { id, apiId, label } = code;
  await recordEvent(tx, actor, 'access-code.ended', { kind: 'api', id: apiId }, { code: id, reported: true });
  const api = await tx.db.api.findUnique({ where: { id: apiId }, select: { clientId: true } });
  const holder = api ? await findHolder(tx, api.clientId) : undefined;
  const what = { key: 'developer-letters.leak-code', values: { label } } as const;
  if (holder) await tellOfLeak(tx, holder, what, { key: 'developer-letters.leak-next-code' }, 'access-codes');
  return true;
}
