import type { Actor } from '../../../audit/actor.ts';
import { recordEvent } from '../../../audit/trail.ts';
import type { Platform } from '../../../platform/platform.ts';
import { type Refused, refused } from '../../../platform/refused.ts';
import { inTransaction } from '../../../platform/transaction.ts';
import { judgeDocument, type ReferenceDocument } from './document.ts';

/** What an API's owner uploaded to describe it. */
export interface Reference {
  readonly document: ReferenceDocument;
  readonly uploadedAt: Date;
}

interface ReferenceWish {
  readonly apiId: string;
  readonly organizationId: string;
}

/** Undefined where nothing was uploaded. Who may read it is the caller's to know. */
export async function findReference({ db }: Platform, apiId: string): Promise<Reference | undefined> {
  const row = await db.apiReference.findUnique({ where: { apiId } });
  return row ? { document: row.document as ReferenceDocument, uploadedAt: row.uploadedAt } : undefined;
}

/** Without reading the document. */
export async function hasReference({ db }: Platform, apiId: string): Promise<boolean> {
  return (await db.apiReference.count({ where: { apiId } })) > 0;
}

export type ReferenceUpload = { readonly ok: true } | Refused<'api' | 'document'>;

/** Replaces an API's reference by an uploaded OpenAPI document. */
export async function uploadReference(
  platform: Platform,
  actor: Actor,
  { apiId, organizationId, bytes }: ReferenceWish & { readonly bytes: Buffer },
): Promise<ReferenceUpload> {
  const judged = judgeDocument(bytes);
  if (!judged.ok) return judged;
  return inTransaction(platform, async (tx): Promise<ReferenceUpload> => {
    if ((await tx.db.api.count({ where: { id: apiId, organizationId } })) === 0)
      return refused('api', UNKNOWN);
    const uploadedBy = actor.kind === 'account' ? actor.id : null;
    const upload = { document: judged.document as object, uploadedBy, uploadedAt: tx.clock.now() };
    await tx.db.apiReference.upsert({ where: { apiId }, create: { ...upload, apiId }, update: upload });
    const details = { bytes: bytes.length };
    await recordEvent(tx, actor, 'api-reference.uploaded', { kind: 'api', id: apiId }, details);
    return { ok: true };
  });
}

export async function removeReference(
  platform: Platform,
  actor: Actor,
  { apiId, organizationId }: ReferenceWish,
): Promise<ReferenceUpload> {
  return inTransaction(platform, async (tx): Promise<ReferenceUpload> => {
    const { count } = await tx.db.apiReference.deleteMany({ where: { apiId, api: { organizationId } } });
    if (count === 0) return refused('api', UNKNOWN);
    await recordEvent(tx, actor, 'api-reference.uploaded', { kind: 'api', id: apiId }, { removed: true });
    return { ok: true };
  });
}

const UNKNOWN = 'No API has this ID.';
