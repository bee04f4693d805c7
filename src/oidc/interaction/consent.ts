import type { Interaction } from 'oidc-provider';
import type { Actor } from '../../audit/actor.ts';
import { loadAccessInputs } from '../../developers/apis/access-inputs.ts';
import type { RegisteredClient } from '../../developers/clients/registered-client.ts';
import { isLoopbackHost } from '../../platform/loopback.ts';
import type { Platform } from '../../platform/platform.ts';
import { type ConsentedScopes, giveConsent, IDENTITY } from '../../tokens/consents.ts';

/** One thing the app asks for, in words for people. */
export interface AskedScope {
  readonly name: string;
  readonly sentence: string;
  readonly kind: 'identity' | 'read' | 'write' | 'admin';
}

/** What the consent page shows: everything the app asks for, by API, whether or not it was allowed before. */
export interface ConsentRequest {
  readonly identity: readonly AskedScope[];
  readonly apis: readonly {
    readonly resource: string;
    readonly name: string;
    readonly organizationName: string;
    readonly scopes: readonly AskedScope[];
  }[];
  readonly destination: Destination;
}

/** Where the browser goes next: a host, or the scheme of an app on the person's own device. */
export interface Destination {
  readonly name: string;
  readonly onThisDevice: boolean;
}

/** Reads from the interaction what the person has to decide on. */
export async function describeConsent(
  platform: Platform,
  client: RegisteredClient,
  interaction: Interaction,
): Promise<ConsentRequest> {
  const requested = new Set(String(interaction.params.scope ?? '').split(' '));
  const identity = Object.entries(IDENTITY_SENTENCES)
    .filter(([name]) => requested.has(name))
    .map(([name, sentence]) => ({ name, sentence, kind: 'identity' as const }));
  const inputs = await Promise.all(
    resourcesOf(interaction).map((resource) => loadAccessInputs(platform, client.id, resource)),
  );
  const apis = inputs
    .filter((input) => input !== undefined)
    .map(({ api }) => ({
      resource: api.identifier,
      name: api.name,
      organizationName: api.organizationName,
      scopes: api.scopes
        .filter(({ name }) => requested.has(name))
        .map(({ name, description, kind }) => ({ name, sentence: description, kind }))
        .sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind)),
    }))
    .filter(({ scopes }) => scopes.length > 0);
  return { identity, apis, destination: destinationOf(String(interaction.params.redirect_uri)) };
}

/** What does least comes first. */
const KINDS = ['read', 'write', 'admin'];

/** Signing in itself (openid) is what the page is about and needs no row of its own. */
const IDENTITY_SENTENCES: Readonly<Record<string, string>> = {
  profile: 'See your name',
  email: 'See your email address',
  offline_access: 'Do this while you are away, too',
};

/** Allows what the page showed, and `openid` with it where the app asked for it. */
export async function allowRequest(
  platform: Platform,
  actor: Actor,
  {
    accountId,
    clientId,
    interaction,
    request,
  }: {
    accountId: string;
    clientId: string;
    interaction: Interaction;
    request: ConsentRequest;
  },
): Promise<void> {
  const requested = String(interaction.params.scope ?? '').split(' ');
  const identity = ['openid', ...request.identity.map(({ name }) => name)].filter((name) =>
    requested.includes(name),
  );
  const allowed: ConsentedScopes[] = [
    { resource: IDENTITY, scopes: identity },
    ...request.apis.map(({ resource, scopes }) => ({ resource, scopes: scopes.map(({ name }) => name) })),
  ];
  await giveConsent(platform, actor, {
    accountId,
    clientId,
    allowed: allowed.filter(({ scopes }) => scopes.length > 0),
  });
}

function resourcesOf({ params }: Interaction): string[] {
  const { resource } = params;
  if (Array.isArray(resource)) return resource.map(String);
  return resource === undefined ? [] : [String(resource)];
}

/** `notes.example` for a web address, the scheme for an app on the device. */
function destinationOf(redirectUri: string): Destination {
  const { protocol, host, hostname } = new URL(redirectUri);
  if (protocol !== 'https:' && protocol !== 'http:')
    return { name: protocol.slice(0, -1), onThisDevice: true };
  return { name: host, onThisDevice: isLoopbackHost(hostname) };
}
