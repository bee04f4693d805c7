import type { Platform } from '../../platform/platform.ts';
import { LIFETIMES } from '../../tokens/lifetimes.ts';
import { MOST_SCOPES } from '../apis/scopes/scopes.ts';
import { MOST_REDIRECT_URIS } from '../clients/redirect-uris.ts';
import type { AppType } from '../clients/app-types.ts';
import { ASSERTION } from './key-snippets.ts';
import { protectSnippet } from './protect-snippet.ts';
import { redemptionSnippet } from './redemption-snippet.ts';
import type { ReadersApi, ReadersApp } from './reader.ts';
import { type SnippetValues, snippetsFor } from './snippets.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;

/** What the documentation says about this installation: read from where the rules read it, so it cannot go stale. */
export function valuesOfInstallation({ config }: Pick<Platform, 'config'>): Record<string, string> {
  const { session, refreshToken } = LIFETIMES;
  const numbers = {
    codeSeconds: LIFETIMES.authorizationCode,
    pushedSeconds: LIFETIMES.pushedRequest,
    accessMinutes: LIFETIMES.accessToken / 60,
    idMinutes: LIFETIMES.idToken / 60,
    refreshIdleDays: refreshToken.idleSeconds / DAY,
    refreshDays: refreshToken.absoluteSeconds / DAY,
    repeatSeconds: LIFETIMES.refreshRepeat,
    interactionMinutes: LIFETIMES.interaction / 60,
    sessionIdleHours: session.idleSeconds / HOUR,
    sessionDays: session.absoluteSeconds / DAY,
    retiredKeyDays: LIFETIMES.retiredSigningKey / DAY,
    toleranceSeconds: LIFETIMES.clockTolerance,
    newApps: 3,
    testers: 10,
    redirectUris: MOST_REDIRECT_URIS,
    scopes: MOST_SCOPES,
  };
  const texts = Object.entries(numbers).map(([name, number]) => [name, String(number)]);
  return {
    ...{ issuer: config.issuer, clientId: EXAMPLE_ID, assertion: ASSERTION },
    redemption: redemptionSnippet(config.issuer),
    ...Object.fromEntries(texts),
  };
}

const EXAMPLE_ID = 'YOUR-CLIENT-ID';

/** The programs of a quick start, with the ids of the reader's own app where there is one. */
export function valuesOfApp(
  { config }: Pick<Platform, 'config'>,
  type: AppType,
  app: ReadersApp | undefined,
): Record<string, string> {
  const { issuer } = config;
  const values = app ? snippetValues(issuer, app) : exampleOf(issuer, type);
  const { javascript, curl } = snippetsFor(type, values);
  return { clientId: values.clientId, redirectUri: values.redirectUri ?? '', javascript, curl };
}

function snippetValues(issuer: string, app: ReadersApp): SnippetValues {
  return {
    ...{ issuer, clientId: app.id, authMethod: app.authMethod, scopes: app.scopes },
    ...{ redirectUri: app.redirectUris[0], resource: app.resources[0] },
  };
}

const EXAMPLE_REDIRECTS: Readonly<Record<AppType, string | undefined>> = {
  web: 'https://app.example.com/callback',
  spa: 'https://app.example.com/',
  native: 'com.example.app:/callback',
  machine: undefined,
  cli: 'http://127.0.0.1/callback',
  agent: 'http://127.0.0.1/callback',
};

function exampleOf(issuer: string, type: AppType): SnippetValues {
  const signsIn = type !== 'machine';
  return {
    ...{ issuer, clientId: EXAMPLE_ID, redirectUri: EXAMPLE_REDIRECTS[type] },
    authMethod: type === 'web' || type === 'machine' ? 'client_secret_basic' : 'none',
    scopes: signsIn ? ['openid', 'notes:read'] : ['notes:read'],
    resource: 'https://api.example.com',
  };
}

/** The program that protects the reader's own API, or one of nobody. */
export function valuesOfApi(
  { config: { issuer } }: Pick<Platform, 'config'>,
  api: ReadersApi | undefined,
): Record<string, string> {
  const { clientId = 'YOUR-API-CLIENT-ID', identifier = 'https://api.example.com', scopes = [] } = api ?? {};
  const protect = protectSnippet({ issuer, clientId, identifier, scope: scopes[0] ?? 'notes:read' });
  return { apiClientId: clientId, protect };
}
