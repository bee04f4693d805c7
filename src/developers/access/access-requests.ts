import type { Actor } from '../../audit/actor.ts';
import { countDeeds } from '../../audit/recent.ts';
import { recordEvent } from '../../audit/trail.ts';
import { secondsAfter } from '../../platform/clock.ts';
import { newId, UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { cleanName } from '../names.ts';
import { tellApiOwners } from './access-letters.ts';
import { appFor, holdOpening, settleTerms, type Taking } from './take-access.ts';

export interface NewRequest extends Taking {
  readonly scopes: readonly string[];
  /** What the app is going to do there, for the owner of the API. */
  readonly purpose: string;
}

export type RequestMade =
  | { readonly ok: true; readonly id: string }
  | Refused<'opening' | 'app' | 'terms' | 'scopes' | 'purpose' | 'too-many'>;

/** Each is a letter to somebody who did not ask for it. */
export const REQUESTS_A_DAY = 20;

/** Asks the owner of an API that is open on request. One request of an app at an API waits at a time. */
export async function askForAccess(
  platform: Platform,
  actor: Actor,
  { scopes: wished, purpose: raw, ...taking }: NewRequest,
): Promise<RequestMade> {
  const purpose = judgePurpose(raw);
  if (!purpose.ok) return purpose;
  const scopes = [...new Set(wished)];
  if (scopes.length === 0) return refused('scopes', 'Choose at least one scope that the app needs.');
  return inTransaction(platform, async (tx): Promise<RequestMade> => {
    const opening = await holdOpening(tx, taking.openingId);
    if (opening?.kind !== 'request') return refused('opening', NOT_OPEN);
    const side = await appFor(tx, taking, opening.apiId);
    if (!side.ok) return side;
    if (scopes.some((name) => !opening.scopes.includes(name))) {
      return refused('scopes', 'Choose from the scopes that are open on request.');
    }
    const room = await roomForRequest(tx, taking, opening.apiId);
    if (room) return room;
    const terms = await settleTerms(tx, actor, taking, side.api);
    if (!terms.ok) return terms;
    const { clientId, accountId: askedBy } = taking;
    const row = { id: newId(), clientId, apiId: opening.apiId, scopes, purpose: purpose.name, askedBy };
    await tx.db.accessRequest.create({
      data: { ...row, termsVersion: terms.version, askedAt: tx.clock.now() },
    });
    const details = { client: clientId, api: row.apiId, scopes };
    await recordEvent(tx, actor, 'access-request.made', { kind: 'access-request', id: row.id }, details);
    await tellApiOwners(tx, 'asked', side, 'access-requests');
    return { ok: true, id: row.id };
  });
}

const NOT_OPEN = 'This API is not open on request any more. Look for it in the catalogue.';

function judgePurpose(raw: string): { readonly ok: true; readonly name: string } | Refused<'purpose'> {
  const cleaned = cleanName(raw.replaceAll(/\s+/g, ' '), 'The purpose', 500);
  if (!cleaned.ok) return refused('purpose', cleaned.sentence);
  if (cleaned.name.length >= 10) return cleaned;
  return refused(
    'purpose',
    'Say in a sentence what the app does with the API, such as: Shows customers their open invoices.',
  );
}

/** The lock of the organization makes both limits exact; whoever has several organizations counts in all of them. */
async function roomForRequest(
  tx: Platform,
  { clientId, organizationId, accountId }: Taking,
  apiId: string,
): Promise<Refused<'app' | 'too-many'> | undefined> {
  await tx.db.$executeRaw`SELECT FROM organizations WHERE id = ${organizationId}::uuid FOR NO KEY UPDATE`;
  if ((await tx.db.accessRequest.count({ where: { clientId, apiId, outcome: null } })) > 0) {
    return refused('app', 'A request of this app waits already. Withdraw it to ask for something else.');
  }
  const since = secondsAfter(tx.clock.now(), -86_400);
  const [today] = await tx.db.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM access_requests r JOIN clients c ON c.id = r.client_id
     WHERE c.organization_id = ${organizationId}::uuid AND r.asked_at > ${since}`;
  const theirs = await countDeeds(tx, { actorId: accountId, action: 'access-request.made', since });
  if (Math.max(today?.count ?? 0, theirs) < REQUESTS_A_DAY) return undefined;
  return refused('too-many', `You asked ${REQUESTS_A_DAY} times today. Ask again tomorrow.`);
}

export type RequestWithdrawn = { readonly ok: true } | Refused<'request'>;

/** Takes back a request that still waits: once, and only of the app that made it. */
export async function withdrawRequest(
  platform: Platform,
  actor: Actor,
  { id, clientId }: { id: string; clientId: string },
): Promise<RequestWithdrawn> {
  if (!UUID.test(id)) return refused('request', UNKNOWN_REQUEST);
  return inTransaction(platform, async (tx): Promise<RequestWithdrawn> => {
    const { count } = await tx.db.accessRequest.updateMany({
      where: { id, clientId, outcome: null },
      data: { outcome: 'withdrawn', decidedAt: tx.clock.now() },
    });
    if (count === 0) return refused('request', UNKNOWN_REQUEST);
    await recordEvent(tx, actor, 'access-request.withdrawn', { kind: 'access-request', id });
    return { ok: true };
  });
}

export const UNKNOWN_REQUEST =
  'There is no request with this ID that still waits. It may have been decided or withdrawn.';
