import { actsFrozen } from '../../accounts/recovery/frozen.ts';
import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { digestOf, type IssuedSecret, newHandle } from '../../platform/crypto/secrets.ts';
import { newId, PUBLIC_ID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';

/** A new secret for an app or an API (its client id), stored as a digest. Part of the change that calls for it. */
export async function issueSecret({ db, clock }: Platform, holderId: string): Promise<IssuedSecret> {
  const createdAt = clock.now();
  const secret = newHandle('secret', createdAt);
  await db.clientSecret.create({ data: { id: newId(), holderId, digest: digestOf(secret), createdAt } });
  return { secret };
}

/** Ends every secret of an app or an API at once and issues one new secret. */
export async function rotateSecret(
  platform: Platform,
  actor: Actor,
  clientId: string,
): Promise<
  { readonly ok: true; readonly issued: IssuedSecret } | Refused<'client' | 'auth-method' | 'frozen'>
> {
  return inTransaction(platform, async (tx) => {
    if (await actsFrozen(tx, actor)) return refused('frozen', FROZEN);
    const holder = await lockHolder(tx, clientId);
    if (!holder) return refused('client', 'No app or API has this client ID.');
    if (holder.authMethod === 'none') {
      return refused('auth-method', 'This app has no secret: its type cannot keep one.');
    }
    const now = tx.clock.now();
    const live = { holderId: clientId, OR: [{ expiresAt: null }, { expiresAt: { gt: now } }] };
    await tx.db.clientSecret.updateMany({ where: live, data: { expiresAt: now } });
    const issued = await issueSecret(tx, clientId);
    await recordEvent(tx, actor, 'client-secret.rotated', { kind: holder.kind, id: holder.id });
    return { ok: true, issued };
  });
}

const FROZEN =
  'The second factor of this account was replaced a few days ago: until a week has passed it can change no secret.';

interface Holder {
  kind: 'client' | 'api';
  id: string;
  authMethod: string;
}

/** Rotations of one holder wait for each other here; otherwise two at once would leave two secrets alive. */
async function lockHolder({ db }: Platform, clientId: string): Promise<Holder | undefined> {
  if (!PUBLIC_ID.test(clientId)) return undefined;
  const [client] = await db.$queryRaw<Holder[]>`
    SELECT 'client' AS kind, id, auth_method AS "authMethod" FROM clients WHERE id = ${clientId} FOR UPDATE`;
  if (client) return client;
  const [api] = await db.$queryRaw<Holder[]>`
    SELECT 'api' AS kind, id, 'client_secret_basic' AS "authMethod" FROM apis WHERE client_id = ${clientId} FOR UPDATE`;
  return api;
}
