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

export const NO_APP: Refused<'client'> = refused('client', 'No app has this client ID.');
