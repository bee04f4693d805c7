import type { Interaction } from 'oidc-provider';
import type { Actor } from '../../audit/actor.ts';
import { loadAccessInputs } from '../../developers/access/access-inputs.ts';
import {
  type ApiScope,
  IDENTITY_SCOPES,
  SCOPE_KINDS,
  sentenceOf,
} from '../../developers/apis/scopes/scopes.ts';
import { logoPath } from '../../developers/clients/logo.ts';
import type { RegisteredClient } from '../../developers/clients/registered-client.ts';
import { isLoopbackHost } from '../../platform/loopback.ts';
import type { Platform } from '../../platform/platform.ts';
import { CONSENT_END, type ConsentEnd, endOf } from '../../tokens/consent-ends.ts';
import { type ConsentedScopes, IDENTITY, liveConsents } from '../../tokens/consents.ts';
import { connectApp } from '../app-letters.ts';
import type { ConsentAnswer } from '../consented-grants.ts';
import { holdsSensitive } from '../sensitive-consents.ts';
import { changedFace } from './changed-face.ts';
import {
  type AskedApi,
  type ConsentChoice,
  fieldOf,
  mayBeReadOnly,
  type OfferedEnds,
  offerEnds,
  settleChoice,
  settleEnd,
} from './consent-choice.ts';

/** What the consent page shows: everything the app asks for, by API, whether or not it was allowed before. */
export interface ConsentRequest {
  /** Identity scopes, openid among them. */
  readonly identity: readonly string[];
  readonly newIdentity: readonly string[];
  readonly apis: readonly AskedApi[];
  /** Something of it was allowed before, and that has not ended. */
  readonly isReAsk: boolean;
  /** The app had another name, logo or redirect when it was allowed. */
  readonly changedFace: boolean;
  /** When what was allowed before ends; undefined where nothing was. */
  readonly standingEnd: ConsentEnd | undefined;
  /** Undefined where there is nothing to choose. */
  readonly ends: OfferedEnds | undefined;
  readonly mayBeReadOnly: boolean;
  readonly app: AskingApp;
  readonly destination: Destination;
}

/** Who asks, as far as we know it. */
export interface AskingApp {
  readonly name: string;
  readonly organizationName: string;
  /** It came with an access code of that organization, which did not make it. */
  readonly sponsored: boolean;
  /** The address of its picture. */
  readonly logo: string | undefined;
  /** A part of this service, or a publisher that an operator checked, or what the app says of itself. */
  readonly standing: 'ours' | 'verified' | 'unchecked';
  readonly verified: { readonly host: string; readonly at: Date } | undefined;
  readonly inDevelopment: boolean;
  readonly privacyUri: string | null;
  readonly termsUri: string | null;
}

export function askingApp(client: RegisteredClient): AskingApp {
  const { name, organizationName, sponsored, logo, firstParty, stage, privacyUri, termsUri } = client;
  const { verifiedAt, verifiedHost } = client;
  const verified = verifiedAt && verifiedHost ? { host: verifiedHost, at: new Date(verifiedAt) } : undefined;
  return {
    ...{ name, organizationName, sponsored, privacyUri, termsUri, verified },
    logo: logo ? logoPath(logo) : undefined,
    standing: firstParty ? 'ours' : verified ? 'verified' : 'unchecked',
    inDevelopment: stage === 'development',
  };
}

/** Where the browser goes next: a host, or the scheme of an app on the person's own device. */
export interface Destination {
  readonly name: string;
  readonly at: 'web' | 'loopback' | 'device';
}

/** Reads from the interaction what the person has to decide on, in the language they read it in. */
export async function describeConsent(
  platform: Platform,
  accountId: string,
  client: RegisteredClient,
  interaction: Pick<Interaction, 'params'>,
  language: string,
): Promise<ConsentRequest> {
  const { firstParty } = client;
  const requested = new Set(String(interaction.params.scope ?? '').split(' '));
  const standing = firstParty ? [] : await liveConsents(platform, accountId, client.id);
  const identity = [...IDENTITY_SCOPES].filter((name) => requested.has(name));
  const apis = await askedApis(platform, client, interaction, { requested, standing, language });
  const allowedOf = (resource: string) => standing.find((consent) => consent.resource === resource)?.scopes;
  return {
    identity,
    newIdentity: identity.filter((name) => !allowedOf(IDENTITY)?.includes(name)),
    apis,
    isReAsk: standing.length > 0,
    changedFace: changedFace(client.presentedSince, standing),
    standingEnd: standing[0],
    // What belongs to the house is not bound to a consent, so there is no end to choose.
    ends: firstParty
      ? undefined
      : offerEnds(platform.settings.get(CONSENT_END), {
          sensitive: asksSensitive(apis) || (await holdsSensitive(platform, standing)),
          standing: standing[0],
          now: platform.clock.now(),
        }),
    mayBeReadOnly: mayBeReadOnly(identity, apis),
    app: askingApp(client),
    destination: destinationOf(String(interaction.params.redirect_uri)),
  };
}

interface Asked {
  readonly requested: ReadonlySet<string>;
  readonly standing: readonly ConsentedScopes[];
  /** Of the person who reads it. */
  readonly language: string;
}

async function askedApis(
  platform: Platform,
  { id, firstParty }: RegisteredClient,
  interaction: Pick<Interaction, 'params'>,
  { requested, standing, language }: Asked,
): Promise<AskedApi[]> {
  const inputs = await Promise.all(
    resourcesOf(interaction).map((resource) => loadAccessInputs(platform, id, resource)),
  );
  return inputs
    .filter((input) => input !== undefined)
    .map(({ api: { identifier: resource, name, organizationName, scopes } }) => {
      const before = standing.find((consent) => consent.resource === resource)?.scopes ?? [];
      const asked = scopes
        .filter((scope) => requested.has(scope.name))
        .map((scope) => ({
          ...askedScope(resource, scope, !before.includes(scope.name), !firstParty),
          sentence: sentenceOf(scope, language),
        }))
        .sort((a, b) => SCOPE_KINDS.indexOf(a.kind) - SCOPE_KINDS.indexOf(b.kind));
      return { resource, name, organizationName, scopes: asked };
    })
    .filter(({ scopes }) => scopes.length > 0);
}

function askedScope(resource: string, scope: ApiScope, isNew: boolean, choosable: boolean) {
  const { name, kind, sensitivity } = scope;
  const optional = scope.optional && isNew && choosable;
  const field = fieldOf(resource, name);
  return { name, kind, isNew, optional, field, sensitive: sensitivity !== 'basic' };
}

function asksSensitive(apis: readonly Pick<AskedApi, 'scopes'>[]): boolean {
  return apis.some(({ scopes }) => scopes.some(({ sensitive }) => sensitive));
}

/** What a person decided about a request, as described above. */
export interface Decided {
  readonly accountId: string;
  readonly clientId: string;
  readonly request: ConsentRequest;
  readonly choice: ConsentChoice;
}

/** Allows what the page showed, as chosen. Undefined, and nothing changed, where the person left out all of it. */
export async function allowRequest(
  platform: Platform,
  actor: Actor,
  { accountId, clientId, request, choice }: Decided,
): Promise<ConsentAnswer | undefined> {
  const { allowed, leftOut } = settleChoice(request.identity, request.apis, choice);
  if (allowed.length === 0) return undefined;
  const { ends } = request;
  const end = ends ? settleEnd(ends, choice.end) : { choice: 'until-removed' as const, keepEnd: false };
  await connectApp(platform, actor, {
    accountId,
    clientId,
    allowed,
    end: endOf(end.choice, platform.clock.now()),
    keepEnd: end.keepEnd,
  });
  return { accountId, leftOut };
}

function resourcesOf({ params }: Pick<Interaction, 'params'>): string[] {
  const { resource } = params;
  if (Array.isArray(resource)) return resource.map(String);
  return resource === undefined ? [] : [String(resource)];
}

/** `notes.example` for a web address, the scheme for an app on the device. */
function destinationOf(redirectUri: string): Destination {
  const { protocol, host, hostname } = new URL(redirectUri);
  if (protocol !== 'https:' && protocol !== 'http:') return { name: protocol.slice(0, -1), at: 'device' };
  return { name: host, at: isLoopbackHost(hostname) ? 'loopback' : 'web' };
}
