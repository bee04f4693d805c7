import type { AppType } from '../developers/clients/app-types.ts';
import { createClient } from '../developers/clients/registration.ts';
import { carryOut } from './carry-out.ts';
import { clientFacts } from './client-text.ts';
import type { CliContext } from './context.ts';
import { aligned, type Fact, shownOnce } from './output.ts';

export interface ClientCreateOptions {
  organization: string;
  name: string;
  type: AppType;
  redirectUri?: string[];
  postLogoutRedirectUri?: string[];
  scope?: string[];
  resource?: string[];
  authMethod?: string;
  firstParty?: boolean;
}

/** `client create`: registers the app, prints its client ID and, once, its secret. */
export async function createClientFrom(options: ClientCreateOptions, cli: CliContext): Promise<void> {
  const { name, type, authMethod, firstParty = false } = options;
  const input = {
    organizationId: options.organization,
    ...{ name, type, authMethod, firstParty },
    redirectUris: options.redirectUri ?? [],
    postLogoutRedirectUris: options.postLogoutRedirectUri ?? [],
    scopes: options.scope ?? [],
    resources: options.resource ?? [],
  };
  const { client, issued } = await carryOut(cli, createClient, input);
  const secret: Fact[] = issued ? [['Client secret', shownOnce(issued.secret)]] : [];
  cli.answer(
    { client_id: client.id, ...(issued && { client_secret: issued.secret }) },
    `Registered the app ${client.name}.`,
    ...aligned([...clientFacts(client).slice(0, 1), ...secret, ...clientFacts(client).slice(1)]),
    'Next: configure the client ID in the app. Scopes of another organization need: access grant',
  );
}
