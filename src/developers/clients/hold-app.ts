import type { Actor } from '../../audit/actor.ts';
import { PUBLIC_ID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { holdOrganization } from '../organizations/hold-organization.ts';
import { type ClientView, findClient } from './client.ts';

/** An app, by the organization it has to belong to: the id of a path never reaches into another one. */
export interface AppOf {
  readonly organizationId: string;
  readonly clientId: string;
}

/** Makes changes of one app wait for each other until the transaction ends. undefined where it is another organization's. */
export async function holdApp(
  tx: Platform,
  { organizationId, clientId }: AppOf,
): Promise<ClientView | undefined> {
  if (!PUBLIC_ID.test(clientId)) return undefined;
  await holdOrganization(tx, organizationId);
  await tx.db.$executeRaw`SELECT FROM clients WHERE id = ${clientId} FOR UPDATE`;
  const app = await findClient(tx, clientId);
  return app?.organizationId === organizationId ? app : undefined;
}

/**
 * The same for a change of what an app is and where it sends people. Whoever sponsors an app that came with an access code
 * may end it, but is not its maker: with another redirect URI they would get the codes of its people.
 */
export async function holdOwnApp(
  tx: Platform,
  actor: Actor,
  of: AppOf,
): Promise<{ readonly ok: true; readonly app: ClientView } | Refused<'client' | 'sponsored'>> {
  const app = await holdApp(tx, of);
  if (!app) return NO_APP;
  return app.sponsored && actor.kind === 'account' ? SPONSORED : { ok: true, app };
}

const SPONSORED: Refused<'sponsored'> = refused(
  'sponsored',
  'This app was registered with an access code: only an operator can change what it is. You can suspend or delete it.',
);

export const NO_APP: Refused<'client'> = refused('client', 'No app has this client ID.');
