import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { secondsAfter } from '../../platform/clock.ts';
import { newId } from '../../platform/ids.ts';
import { unlinked } from '../../platform/mail/unlinked.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { findClients } from '../clients/client.ts';
import { tellOwners } from '../notices.ts';
import { judgeTermsText } from './terms-text.ts';

/** For so long an access goes on under the terms it was made with, once there are newer ones. */
export const TERMS_DAYS = 30;

/** A version of an API's terms, as plain text. */
export interface Terms {
  readonly version: number;
  readonly text: string;
  readonly publishedAt: Date;
}

export type Publication =
  | { readonly ok: true; readonly terms: Terms; readonly dueAt: Date; readonly told: number }
  | Refused<'api' | 'text'>;

/** Publishes a new version of an API's terms. Who has access already is told, and has 30 days to accept them. */
export async function publishTerms(
  platform: Platform,
  actor: Actor,
  { organizationId, apiId, text: raw }: { organizationId: string; apiId: string; text: string },
): Promise<Publication> {
  const judged = judgeTermsText(raw);
  if (!judged.ok) return judged;
  return inTransaction(platform, async (tx): Promise<Publication> => {
    const publishedAt = tx.clock.now();
    const dueAt = secondsAfter(publishedAt, TERMS_DAYS * 86_400);
    const [api] = await tx.db.api.updateManyAndReturn({
      where: { id: apiId, organizationId },
      data: { termsVersion: { increment: 1 }, termsDueAt: dueAt },
    });
    if (!api) return refused('api', 'No API has this ID.');
    const terms = { version: api.termsVersion, text: judged.text, publishedAt };
    await tx.db.apiTerms.create({ data: { ...terms, apiId } });
    await recordEvent(
      tx,
      actor,
      'api-terms.published',
      { kind: 'api', id: apiId },
      { version: terms.version },
    );
    const told = await tellUsers(tx, api, dueAt);
    return { ok: true, terms, dueAt, told };
  });
}

/** Owners of the apps that have access, once for each organization; the API's own need no access. */
async function tellUsers(
  tx: Platform,
  { id: apiId, name }: { id: string; name: string },
  dueAt: Date,
): Promise<number> {
  const now = tx.clock.now();
  const concerned = await tx.db.$queryRaw<{ organizationId: string }[]>`
    SELECT DISTINCT c.organization_id AS "organizationId" FROM accesses x JOIN clients c ON c.id = x.client_id
     WHERE x.api_id = ${apiId}::uuid AND x.ended_at IS NULL AND (x.until IS NULL OR x.until > ${now})`;
  for (const { organizationId } of concerned) {
    const appsAddress = `${tx.config.issuer}/developers/organizations/${organizationId}/apps`;
    const data = { api: unlinked(name), dueAt, appsAddress };
    await tellOwners(tx, organizationId, { letter: 'terms-published', data });
  }
  return concerned.length;
}

/** The version in force; undefined where there are no terms. */
export async function findTerms({ db }: Platform, apiId: string): Promise<Terms | undefined> {
  const row = await db.apiTerms.findFirst({ where: { apiId }, orderBy: { version: 'desc' } });
  return row ?? undefined;
}

/** What a member of the app's organization accepts in its name. */
export interface TermsWish {
  readonly apiId: string;
  /** As it was shown; newer terms have to be shown first. */
  readonly version: number;
  readonly clientId: string;
  /** Null where an app was registered with an access code and no account. */
  readonly accountId: string | null;
}

export type TermsAccepted = { readonly ok: true; readonly version: number } | Refused<'terms'>;

/**
 * Records that an app accepted the terms in force, and lets its accesses go on under them. That the app is theirs who
 * accept is the caller's to check. Part of the change that calls for it; accepting twice changes nothing.
 */
export async function acceptTerms(tx: Platform, actor: Actor, wish: TermsWish): Promise<TermsAccepted> {
  const { apiId, version, clientId, accountId } = wish;
  const terms = await findTerms(tx, apiId);
  if (!terms || terms.version !== version) {
    return refused(
      'terms',
      'These are not the terms in force any more. Read the newest version, then accept it.',
    );
  }
  const acceptedAt = tx.clock.now();
  const { count } = await tx.db.termsAcceptance.createMany({
    data: { id: newId(), apiId, version, clientId, acceptedBy: accountId, acceptedAt },
    skipDuplicates: true,
  });
  await tx.db.access.updateMany({
    where: { apiId, clientId, endedAt: null, termsVersion: { lt: version } },
    data: { termsVersion: version },
  });
  if (count > 0) {
    const target = { kind: 'api', id: apiId };
    await recordEvent(tx, actor, 'api-terms.accepted', target, { version, client: clientId });
  }
  return { ok: true, version };
}

/** One app and a version that was accepted for it. */
export interface Acceptance {
  readonly id: string;
  readonly version: number;
  readonly clientId: string;
  /** Undefined where the app is gone. */
  readonly app: { readonly name: string; readonly organizationName: string } | undefined;
  readonly acceptedAt: Date;
}

export interface AcceptancePage {
  readonly acceptances: Acceptance[];
  /** Where the next page starts: pass it as `after`. Undefined on the last page. */
  readonly next?: string;
}

/** Who accepted the terms of an API, the newest first. */
export async function listAcceptances(
  platform: Platform,
  { apiId, after, limit = 50 }: { apiId: string; after?: string | undefined; limit?: number },
): Promise<AcceptancePage> {
  const rows = await platform.db.termsAcceptance.findMany({
    where: { apiId, ...(after && { id: { lt: after } }) },
    orderBy: { id: 'desc' },
    take: limit + 1,
  });
  const shown = rows.slice(0, limit);
  const apps = await findClients(
    platform,
    shown.map(({ clientId }) => clientId),
  );
  const acceptances = shown.map(({ id, version, clientId, acceptedAt }) => {
    return { id, version, clientId, acceptedAt, app: apps.get(clientId) };
  });
  const next = shown.at(-1)?.id;
  return rows.length > limit && next !== undefined ? { acceptances, next } : { acceptances };
}
