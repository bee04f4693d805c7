import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { secondsAfter } from '../../platform/clock.ts';
import { newId } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { findClient } from '../clients/client.ts';
import type { AccessOrigin } from './access-inputs.ts';
import { sensitiveEnd } from './access-standing.ts';
import { findApi } from '../apis/api.ts';
import { type Entitlement, judgeCaps, sensitivities } from './entitlement.ts';
import { firstUnknownScope } from '../apis/scopes/known-scopes.ts';
import { PERSONAL_TOKENS_CLIENT } from './personal-access.ts';

/** What an operator lets a client ask for at an API, until when. Several accesses add up. */
export interface NewAccess {
  readonly clientId: string;
  readonly apiIdentifier: string;
  readonly scopes: readonly string[];
  /** Undefined: until somebody ends it. */
  readonly until?: Date | undefined;
  readonly peoplePerDay?: number | undefined;
  readonly requestsPerMinute?: number | undefined;
  /** Everybody else comes by an opening, a request or a code. */
  readonly origin: 'operator';
}

export interface GrantedAccess {
  readonly ok: true;
  readonly id: string;
  readonly identifier: string;
  readonly scopes: readonly string[];
  readonly until: Date | null;
}

export type AccessGrant =
  | GrantedAccess
  | Refused<'client' | 'api' | 'scope' | 'until' | 'peoplePerDay' | 'requestsPerMinute'>;

/** Gives an app access at the word of an operator, whatever its owner opened. */
export async function grantAccess(platform: Platform, actor: Actor, input: NewAccess): Promise<AccessGrant> {
  const { clientId, until = null, origin, peoplePerDay = null, requestsPerMinute = null } = input;
  const scopes = [...new Set(input.scopes)];
  if (scopes.length === 0) return refused('scope', 'Name at least one scope that the app may ask for.');
  if (until && until <= platform.clock.now()) {
    return refused('until', 'That end is in the past. Choose a later time.');
  }
  const caps = { peoplePerDay, requestsPerMinute };
  const judged = judgeCaps(caps);
  if (judged) return judged;

  return inTransaction(platform, async (tx): Promise<AccessGrant> => {
    const known = clientId === PERSONAL_TOKENS_CLIENT || (await findClient(tx, clientId));
    if (!known) return refused('client', 'No app has this client ID.');
    const api = await findApi(tx, input.apiIdentifier);
    if (!api) return refused('api', 'No API has this identifier.');
    const unknown = await firstUnknownScope(tx, scopes, [api.identifier]);
    if (unknown !== undefined) {
      return refused('scope', `${api.identifier} has no scope named ${unknown}. Check its spelling.`);
    }
    const parties = { clientId, apiId: api.id, origin, originId: null, termsVersion: 0 };
    const { id } = await addAccess(tx, actor, { ...parties, scopes, until, ...caps });
    return { ok: true, id, identifier: api.identifier, scopes, until };
  });
}

/** An access as it comes to be, of whatever origin. */
export type AccessToAdd = Omit<Entitlement, 'days'> & {
  readonly clientId: string;
  readonly apiId: string;
  readonly origin: AccessOrigin;
  readonly originId: string | null;
  readonly termsVersion: number;
} & ({ readonly days: number | null } | { readonly until: Date | null });

/**
 * Makes an access that was judged. What is sensitive ends with it after 90 days at the latest, unless an operator says
 * otherwise. Part of the change that calls for it.
 */
export async function addAccess(
  tx: Platform,
  actor: Actor,
  input: AccessToAdd,
): Promise<{ id: string; until: Date | null }> {
  const { clientId, apiId, origin, originId, termsVersion, peoplePerDay, requestsPerMinute } = input;
  const createdAt = tx.clock.now();
  const scopes = [...input.scopes];
  const asked = 'until' in input ? input.until : input.days && secondsAfter(createdAt, input.days * DAY);
  const latest = await latestEnd(tx, { apiId, scopes, origin, createdAt });
  const until = latest && (!asked || asked > latest) ? latest : asked || null;
  const id = newId();
  const parties = { id, clientId, apiId, origin, originId, termsVersion };
  await tx.db.access.create({
    data: { ...parties, scopes, until, peoplePerDay, requestsPerMinute, createdAt },
  });
  const details = { client: clientId, api: apiId, scopes, until: until?.toISOString() ?? null, origin };
  await recordEvent(tx, actor, 'access.granted', { kind: 'access', id }, details);
  return { id, until };
}

const DAY = 86_400;

/** Beyond which an access with these scopes cannot last; undefined where nothing limits it. */
export async function latestEnd(
  tx: Platform,
  access: { apiId: string; scopes: readonly string[]; origin: string; createdAt: Date },
): Promise<Date | undefined> {
  if (access.origin === 'operator') return undefined;
  const known = await sensitivities(tx, access.apiId);
  const sensitive = access.scopes.some((name) => (known.get(name) ?? 'basic') !== 'basic');
  return sensitive ? sensitiveEnd(access.createdAt) : undefined;
}
