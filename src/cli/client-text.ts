import type { ClientView } from '../developers/clients/client.ts';
import { type Fact, listed } from './output.ts';

/** An app as JSON. Built from the view that holds no secret. */
export function clientObject(client: ClientView): Record<string, unknown> {
  return {
    client_id: client.id,
    organization: client.organizationId,
    organization_name: client.organizationName,
    name: client.name,
    type: client.type,
    auth_method: client.authMethod,
    redirect_uris: client.redirectUris,
    post_logout_redirect_uris: client.postLogoutRedirectUris,
    scopes: client.scopes,
    resources: client.resources,
    first_party: client.firstParty,
    created_at: client.createdAt.toISOString(),
    suspended_at: client.suspendedAt?.toISOString() ?? null,
  };
}

export function clientFacts(client: ClientView): Fact[] {
  return [
    ['Client ID', client.id],
    ['Organization', `${client.organizationName} (${client.organizationId})`],
    ['Type', client.firstParty ? `${client.type}, first-party` : client.type],
    ['Proves itself by', client.authMethod],
    ['Redirect URIs', listed(client.redirectUris)],
    ['After sign-out', listed(client.postLogoutRedirectUris)],
    ['Scopes', listed(client.scopes)],
    ['APIs', listed(client.resources)],
    ['Registered', client.createdAt.toISOString()],
    ['State', client.suspendedAt ? `suspended since ${client.suspendedAt.toISOString()}` : 'active'],
  ];
}
