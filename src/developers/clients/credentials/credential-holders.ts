import { Prisma } from '../../../../prisma/generated/client.ts';
import { actsFrozen } from '../../../accounts/recovery/frozen.ts';
import type { Actor } from '../../../audit/actor.ts';
import { PUBLIC_ID } from '../../../platform/ids.ts';
import type { Platform } from '../../../platform/platform.ts';
import { FROZEN } from '../../frozen.ts';
import { type Refused, refused } from '../../../platform/refused.ts';
import type { AppType, AuthMethod } from '../app-types.ts';

/** Whom credentials belong to, and from where the change comes. */
export interface CredentialChange {
  /** The client id of an app or API. */
  readonly holderId: string;
  /** The organization whose pages it comes from: a holder that is not theirs is one that does not exist. */
  readonly organizationId?: string | undefined;
  /** The network the change came from, for the letter about it. */
  readonly place?: string | undefined;
}

/** An app, or an API that introspects its tokens. */
export interface CredentialHolder {
  readonly kind: 'client' | 'api';
  /** The id it has as the target of an event. */
  readonly id: string;
  readonly clientId: string;
  readonly name: string;
  readonly organizationId: string;
  readonly organizationName: string;
  readonly type: AppType | 'api';
  readonly authMethod: AuthMethod;
  readonly jwksUri: string | null;
  /** Registered with an access code: it speaks for whoever holds its key, not for its organization. */
  readonly sponsored: boolean;
}

export type HolderFault = 'holder' | 'frozen' | 'sponsored';

/**
 * The holder whose credentials are about to change, locked: changes of one holder wait for each other here, or two at
 * once would count the same secrets. Refused to an account that may change nothing for now, and where a credential would
 * be given to an app that its organization only sponsors: it could speak for that app.
 */
export async function holdForChange(
  tx: Platform,
  actor: Actor,
  { holderId, organizationId }: CredentialChange,
  change: 'gives' | 'takes',
): Promise<{ readonly ok: true; readonly holder: CredentialHolder } | Refused<HolderFault>> {
  if (await actsFrozen(tx, actor)) return refused('frozen', FROZEN);
  const holder = await lockHolder(tx, holderId);
  if (!holder || (organizationId !== undefined && holder.organizationId !== organizationId)) {
    return refused('holder', 'No app or API has this client ID.');
  }
  if (change === 'gives' && holder.sponsored && actor.kind === 'account')
    return refused('sponsored', SPONSORED);
  return { ok: true, holder };
}

const SPONSORED =
  'This app was registered with an access code: only whoever holds its key may speak for it. You can end what it has.';

/** FOR UPDATE waits for others who change the same holder. */
export async function lockHolder({ db }: Platform, clientId: string): Promise<CredentialHolder | undefined> {
  if (!PUBLIC_ID.test(clientId)) return undefined;
  const [app] = await db.$queryRaw<CredentialHolder[]>`${APP} WHERE c.id = ${clientId} FOR UPDATE OF c`;
  if (app) return app;
  const [api] = await db.$queryRaw<
    CredentialHolder[]
  >`${API} WHERE a.client_id = ${clientId} FOR UPDATE OF a`;
  return api;
}

/** Without a lock: for news about it. */
export async function findHolder({ db }: Platform, clientId: string): Promise<CredentialHolder | undefined> {
  const [app] = await db.$queryRaw<CredentialHolder[]>`${APP} WHERE c.id = ${clientId}`;
  if (app) return app;
  const [api] = await db.$queryRaw<CredentialHolder[]>`${API} WHERE a.client_id = ${clientId}`;
  return api;
}

const APP = Prisma.sql`
    SELECT 'client' AS kind, c.id, c.id AS "clientId", c.name, c.organization_id::text AS "organizationId",
           o.name AS "organizationName", c.type, c.auth_method AS "authMethod", c.jwks_uri AS "jwksUri", c.sponsored
      FROM clients c JOIN organizations o ON o.id = c.organization_id`;

const API = Prisma.sql`
    SELECT 'api' AS kind, a.id::text AS id, a.client_id AS "clientId", a.name, a.organization_id::text AS "organizationId",
           o.name AS "organizationName", 'api' AS type, 'client_secret_basic' AS "authMethod", NULL AS "jwksUri", false AS sponsored
      FROM apis a JOIN organizations o ON o.id = a.organization_id`;
