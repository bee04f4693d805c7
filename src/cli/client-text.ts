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
    id_token_algorithm: client.idTokenAlgorithm,
    redirect_uris: client.redirectUris,
    post_logout_redirect_uris: client.postLogoutRedirectUris,
    scopes: client.scopes,
    resources: client.resources,
    first_party: client.firstParty,
    stage: client.stage,
    homepage_uri: client.homepageUri,
    privacy_uri: client.privacyUri,
    terms_uri: client.termsUri,
    verified_host: client.verifiedHost,
    verified_at: client.verifiedAt?.toISOString() ?? null,
    sponsored: client.sponsored,
    created_at: client.createdAt.toISOString(),
    suspended_at: client.suspendedAt?.toISOString() ?? null,
    suspended_by: client.suspendedAt && (client.suspendedBy ?? 'operator'),
    suspension: client.suspensionId,
  };
}

export function clientFacts(client: ClientView): Fact[] {
  return [
    ['Client ID', client.id],
    ['Organization', `${client.organizationName} (${client.organizationId})`],
    ['Stage', client.sponsored ? `${client.stage}, registered with an access code` : client.stage],
    ['Type', client.firstParty ? `${client.type}, first-party` : client.type],
    ['Proves itself by', client.authMethod],
    ['ID tokens', client.idTokenAlgorithm],
    ['Redirect URIs', listed(client.redirectUris)],
    ['After sign-out', listed(client.postLogoutRedirectUris)],
    ['Scopes', listed(client.scopes)],
    ['APIs', listed(client.resources)],
    ['Homepage', client.homepageUri ?? '-'],
    ['Privacy notice', client.privacyUri ?? '-'],
    ['Terms', client.termsUri ?? '-'],
    ['Publisher', verifiedIn(client)],
    ['Registered', client.createdAt.toISOString()],
    ['State', stateOf(client)],
  ];
}

function verifiedIn({ verifiedAt, verifiedHost }: ClientView): string {
  return verifiedAt ? `${verifiedHost}, checked ${verifiedAt.toISOString()}` : 'not checked';
}

function stateOf({ suspendedAt, suspendedBy, suspensionId }: ClientView): string {
  if (!suspendedAt) return 'active';
  if (suspensionId) return `suspended since ${suspendedAt.toISOString()}: suspension show ${suspensionId}`;
  return `suspended since ${suspendedAt.toISOString()} by ${suspendedBy ? 'a member' : 'an operator'}`;
}
