import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { PUBLIC_ID, UUID } from '../../platform/ids.ts';
import { unlinked } from '../../platform/mail/unlinked.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { withdrawConsentsAt } from '../../tokens/consents.ts';
import { cleanName } from '../names.ts';
import { tellOwners } from '../notices.ts';
import { hostIsProven } from '../organizations/hosts.ts';
import { type Api, findApi, findApiById, TAKEN, viewOf } from './api.ts';
import { hostOf, storedSpellings } from './identifier.ts';

export type ApprovalOutcome = { readonly ok: true; readonly api: Api } | Refused<'api' | 'taken' | 'note'>;

/** Which API; `claim` is what it waited for when somebody looked: anything else by now is refused. */
interface Named {
  readonly api: string;
  readonly claim?: string | undefined;
}

/** Gives an API the identifier that it claims, on an operator's word. Its owners are told. */
export async function approveApi(
  platform: Platform,
  actor: Actor,
  { api: named, claim, note: raw }: Named & { readonly note?: string | undefined },
): Promise<ApprovalOutcome> {
  const note = raw === undefined ? undefined : cleanName(raw, 'The note', 300);
  if (note && !note.ok) return refused('note', note.sentence);
  const waiting = await apiNamed(platform, named);
  if (!waiting) return refused('api', UNKNOWN);
  if (claim !== undefined && !stillClaims(waiting, claim)) return refused('api', CHANGED);
  if (waiting.approved) return { ok: true, api: waiting };
  return giveIdentifier(platform, actor, waiting, note?.name);
}

/** Takes from an API the identifier that it has or claims; it may claim another. Its owners read the note. */
export async function refuseApi(
  platform: Platform,
  actor: Actor,
  { api: named, claim, note: raw }: Named & { readonly note: string },
): Promise<ApprovalOutcome> {
  const cleaned = cleanName(raw, 'The note', 300);
  if (!cleaned.ok) return refused('note', cleaned.sentence);
  return inTransaction(platform, async (tx): Promise<ApprovalOutcome> => {
    const api = await apiNamed(tx, named);
    if (!api) return refused('api', UNKNOWN);
    // A colleague may have approved it a moment ago: what was looked at as a claim is not taken from it as its name.
    const asSeen = claim === undefined ? {} : { identifier: null, claimedIdentifier: claim };
    const [row] = await tx.db.api.updateManyAndReturn({
      where: { id: api.id, ...asSeen },
      data: { identifier: null, claimedIdentifier: null },
    });
    if (!row) return refused('api', CHANGED);
    // Whoever gets the identifier later begins with nothing that people allowed at this API.
    if (api.approved) await withdrawConsentsAt(tx, api.identifier);
    const details = { identifier: api.identifier, identifierRefused: true, note: cleaned.name };
    await recordEvent(tx, actor, 'api.changed', { kind: 'api', id: api.id }, details);
    await tellOfDecision(tx, api, 'developer-letters.api-refused', cleaned.name);
    return { ok: true, api: viewOf(row) };
  });
}

/**
 * After an organization proved a host: the APIs of its own that waited for that get the identifiers they claim. One
 * whose identifier somebody else has by now goes on waiting.
 */
export async function approveProvenApis(
  platform: Platform,
  actor: Actor,
  organizationId: string,
): Promise<Api[]> {
  const waiting = await platform.db.api.findMany({
    where: { organizationId, identifier: null, claimedIdentifier: { not: null } },
    orderBy: { id: 'asc' },
  });
  const approved: Api[] = [];
  for (const api of waiting.map(viewOf)) {
    if (!(await hostIsProven(platform, organizationId, hostOf(api.identifier)))) continue;
    const outcome = await giveIdentifier(platform, actor, api);
    if (outcome.ok) approved.push(outcome.api);
  }
  return approved;
}

/** APIs that wait for an operator or a proof, the oldest first. */
export async function listWaitingApis({ db }: Platform, limit = 200): Promise<Api[]> {
  const rows = await db.api.findMany({
    where: { identifier: null, claimedIdentifier: { not: null } },
    orderBy: { id: 'asc' },
    take: limit,
  });
  return rows.map(viewOf);
}

function stillClaims({ approved, identifier }: Api, claim: string): boolean {
  return !approved && identifier === claim;
}

type Given = { readonly ok: true; readonly api: Api } | Refused<'api' | 'taken'>;

/** One statement decides; where the identifier was given to another a moment before, the database refuses it. */
async function giveIdentifier(platform: Platform, actor: Actor, api: Api, note?: string): Promise<Given> {
  try {
    return await inTransaction(platform, async (tx): Promise<Given> => {
      const { id, identifier } = api;
      const older = await tx.db.api.count({ where: { identifier: { in: storedSpellings(identifier) } } });
      if (older > 0) return refused('taken', TAKEN);
      const [row] = await tx.db.api.updateManyAndReturn({
        where: { id, identifier: null, claimedIdentifier: identifier },
        data: { identifier },
      });
      if (!row) return refused('api', CHANGED);
      await recordEvent(
        tx,
        actor,
        'api.approved',
        { kind: 'api', id },
        { identifier, ...(note && { note }) },
      );
      await tellOfDecision(tx, api, 'developer-letters.api-approved', note);
      return { ok: true, api: viewOf(row) };
    });
  } catch (error) {
    if (isTaken(error)) return refused('taken', TAKEN);
    throw error;
  }
}

/** Whether the database refused an identifier that another API has. */
export function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'P2002';
}

async function tellOfDecision(
  tx: Platform,
  api: Api,
  decision: 'developer-letters.api-approved' | 'developer-letters.api-refused',
  note?: string,
): Promise<void> {
  const { id, organizationId, name } = api;
  const apiAddress = `${tx.config.issuer}/developers/organizations/${organizationId}/apis/${id}`;
  const what = { key: decision, values: { api: unlinked(name) } };
  const data = { api: unlinked(name), what, note: note && unlinked(note), apiAddress };
  await tellOwners(tx, organizationId, { letter: 'api-decided', data });
}

/** By its id, its client id or its identifier: one that waits has no identifier of its own yet. */
async function apiNamed(platform: Platform, named: string): Promise<Api | undefined> {
  if (UUID.test(named)) return findApiById(platform, named);
  if (!PUBLIC_ID.test(named)) return findApi(platform, named);
  const row = await platform.db.api.findUnique({ where: { clientId: named } });
  return row ? viewOf(row) : undefined;
}

const CHANGED = 'The API was changed in the meantime, or decided already. Look at it again.';
const UNKNOWN = 'No API has this ID, client ID or identifier.';
