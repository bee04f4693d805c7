import type { AbuseReport } from '../../../../prisma/generated/client.ts';
import { recordEvent } from '../../../audit/trail.ts';
import { raiseAlert } from '../../../defense/alerts.ts';
import { noteSignal } from '../../../defense/signals/note.ts';
import { secondsAfter } from '../../../platform/clock.ts';
import { newId } from '../../../platform/ids.ts';
import type { Platform } from '../../../platform/platform.ts';
import { inTransaction } from '../../../platform/transaction.ts';
import { PERSONAL_TOKENS_CLIENT } from '../../access/personal-access.ts';
import type { Api } from '../api.ts';
import { unrelatedAmong } from './unrelated.ts';

/** Why an API reports a token. Each has its words in the portal (abuse-reports.reason-<name>). */
export const REPORT_REASONS = [
  'harvesting',
  'scanning',
  'flooding',
  'tampering',
  'unwanted-content',
  'stolen-token',
  'other',
] as const;

export type ReportReason = (typeof REPORT_REASONS)[number];

/** For so long the reports of several APIs count together. */
export const REPORT_DAYS = 7;

/** A report about a token that was found to be this API's. */
export interface NewReport {
  readonly api: Api;
  readonly jti: string;
  readonly clientId: string;
  readonly grantId: string | null;
  readonly reason: ReportReason;
  readonly note: string | null;
}

/**
 * Keeps a report, once for each jti of an API: of several that race, one inserts the row and the others find it there.
 * It pauses nothing by itself: the rules that count it decide that (defense/rules). False for one that was there.
 */
export async function keepReport(platform: Platform, report: NewReport): Promise<boolean> {
  const { api, ...facts } = report;
  const kept = await inTransaction(platform, async (tx) => {
    const row = { ...facts, id: newId(), apiId: api.id, receivedAt: tx.clock.now() };
    const { count } = await tx.db.abuseReport.createMany({ data: [row], skipDuplicates: true });
    if (count === 0) return false;
    // The note is somebody's own words: it stands in the row, which is forgotten in time, not in the trail.
    const details = { api: api.id, report: row.id, reason: facts.reason, grant: facts.grantId };
    const actor = { kind: 'client', id: api.clientId } as const;
    await recordEvent(tx, actor, 'abuse-report.received', { kind: 'client', id: facts.clientId }, details);
    await callOperators(tx, facts.clientId);
    return true;
  });
  if (kept) noteReport(platform, report);
  return kept;
}

/** For the rules: on the app at this API, and on the app; where somebody made the token for themselves, on that token. */
function noteReport(platform: Platform, { api, clientId, grantId, jti }: NewReport): void {
  const signal = 'abuse-reported';
  // A token that an app got for itself has no grant: each report of one counts.
  const member = grantId ?? jti;
  if (clientId === PERSONAL_TOKENS_CLIENT) {
    if (grantId !== null) noteSignal(platform, { signal, subject: { kind: 'grant', id: grantId }, member });
    return;
  }
  noteSignal(platform, { signal, subject: { kind: 'access', id: `${clientId} ${api.id}` }, member });
  noteSignal(platform, { signal, subject: { kind: 'client', id: clientId }, member });
}

/** One API's word pauses nothing elsewhere: where several organizations say the same, an operator has a look. */
async function callOperators(tx: Platform, clientId: string): Promise<void> {
  const since = secondsAfter(tx.clock.now(), -REPORT_DAYS * 86_400);
  const { reports, apis, organizations } = await reportsFor(tx, { clientId, since });
  if (organizations < 2) return;
  const severity = organizations >= 3 ? 'page' : 'notice';
  const evidence = { client: clientId, reports, apis, organizations };
  await raiseAlert(tx, { kind: 'abuse-report-needs-operator', about: clientId, severity, evidence });
}

export interface ReportCounts {
  readonly reports: number;
  /** Distinct tokens' grants they are about. */
  readonly grants: number;
  readonly apis: number;
  /** Organizations that reported it, have no member in common with each other, and none with the app's own. */
  readonly organizations: number;
}

/** What APIs, or one of them, reported of a client since then. Nobody answers for the client of personal tokens: nothing. */
export async function reportsFor(
  { db }: Platform,
  {
    clientId,
    apiId,
    since,
  }: { readonly clientId: string; readonly apiId?: string | undefined; readonly since: Date },
): Promise<ReportCounts> {
  const nothing = { reports: 0, grants: 0, apis: 0, organizations: 0 };
  if (clientId === PERSONAL_TOKENS_CLIENT) return nothing;
  const rows = await db.$queryRaw<
    { apiId: string; organizationId: string; reports: bigint; grants: bigint }[]
  >`
    SELECT r.api_id::text AS "apiId", a.organization_id::text AS "organizationId", count(*) AS reports,
           count(DISTINCT coalesce(r.grant_id, '')) AS grants
      FROM abuse_reports r JOIN apis a ON a.id = r.api_id
     WHERE r.client_id = ${clientId} AND r.received_at > ${since}
       AND (${apiId ?? null}::uuid IS NULL OR r.api_id = ${apiId ?? null}::uuid)
     GROUP BY r.api_id, a.organization_id`;
  if (rows.length === 0) return nothing;
  const sum = (name: 'reports' | 'grants') => rows.reduce((total, row) => total + Number(row[name]), 0);
  const reporting = [...new Set(rows.map(({ organizationId }) => organizationId))];
  return {
    reports: sum('reports'),
    grants: sum('grants'),
    apis: rows.length,
    organizations: await unrelatedAmong(db, reporting, clientId),
  };
}

export interface ReportPage {
  readonly reports: AbuseReport[];
  /** Where the next page starts: pass it as `after`. Undefined on the last page. */
  readonly next?: string;
}

/** What an API reported, newest first. */
export async function listReports(
  { db }: Platform,
  { apiId, after, limit = 25 }: { readonly apiId: string; readonly after?: string; readonly limit?: number },
): Promise<ReportPage> {
  const rows = await db.abuseReport.findMany({
    where: { apiId, ...(after && { id: { lt: after } }) },
    orderBy: { id: 'desc' },
    take: limit + 1,
  });
  const reports = rows.slice(0, limit);
  const next = reports.at(-1)?.id;
  return rows.length > limit && next !== undefined ? { reports, next } : { reports };
}

/** What APIs reported of an app lately, newest first: at one API where it is named. */
export async function reportsAbout(
  { db }: Platform,
  { clientId, apiId }: { readonly clientId: string; readonly apiId?: string | undefined },
): Promise<AbuseReport[]> {
  const where = { clientId, ...(apiId && { apiId }) };
  return db.abuseReport.findMany({ where, orderBy: { id: 'desc' }, take: 20 });
}
