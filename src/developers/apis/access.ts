import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { newId } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { findClient } from '../clients/client.ts';
import { findApi } from './api.ts';
import { firstUnknownScope } from './known-scopes.ts';
import { PERSONAL_TOKENS_CLIENT } from './personal-access.ts';

/** What a client of another organization may ask for at an API, until when. Several add up. */
export interface NewAccess {
  readonly clientId: string;
  readonly apiIdentifier: string;
  readonly scopes: readonly string[];
  /** Undefined: until somebody ends it. */
  readonly until?: Date | undefined;
  /** Who let it in. Other origins follow with the portal. */
  readonly origin: 'operator';
}

export interface GrantedAccess {
  readonly ok: true;
  readonly id: string;
  readonly identifier: string;
  readonly scopes: readonly string[];
  readonly until: Date | null;
}

export type AccessGrant = GrantedAccess | Refused<'client' | 'api' | 'scope' | 'until'>;

export async function grantAccess(platform: Platform, actor: Actor, input: NewAccess): Promise<AccessGrant> {
  const { clientId, until = null, origin } = input;
  const scopes = [...new Set(input.scopes)];
  const createdAt = platform.clock.now();
  if (scopes.length === 0) return refused('scope', 'Name at least one scope that the app may ask for.');
  if (until && until <= createdAt) return refused('until', 'That end is in the past. Choose a later time.');

  return inTransaction(platform, async (tx): Promise<AccessGrant> => {
    const known = clientId === PERSONAL_TOKENS_CLIENT || (await findClient(tx, clientId));
    if (!known) return refused('client', 'No app has this client ID.');
    const api = await findApi(tx, input.apiIdentifier);
    if (!api) return refused('api', 'No API has this identifier.');
    const unknown = await firstUnknownScope(tx, scopes, [api.identifier]);
    if (unknown !== undefined) {
      return refused('scope', `${api.identifier} has no scope named ${unknown}. Check its spelling.`);
    }
    const id = newId();
    await tx.db.access.create({
      data: { id, clientId, apiId: api.id, scopes, until, origin, createdAt },
    });
    const details = { client: clientId, api: api.id, scopes, until: until?.toISOString() ?? null, origin };
    await recordEvent(tx, actor, 'access.granted', { kind: 'access', id }, details);
    return { ok: true, id, identifier: api.identifier, scopes, until };
  });
}
