import type { Platform } from '../../platform/platform.ts';
import { DISCOVERY, ENDPOINTS } from '../endpoints.ts';
import { type Snippets, type SnippetValues, snippetsFor } from '../support/snippets.ts';
import { signsPeopleIn } from './app-types.ts';
import type { ClientView } from './client.ts';

/** What a developer needs to get a first token for an app, with the app's own ids in it. */
export interface Guide {
  readonly issuer: string;
  /** Absolute addresses by what they are called in discovery. */
  readonly endpoints: Readonly<Record<string, string>>;
  readonly snippets: Snippets;
  /** A machine gets a token for an API alone, and this one names none. */
  readonly needsApi: boolean;
}

export function guideFor({ config }: Pick<Platform, 'config'>, app: ClientView): Guide {
  const { issuer } = config;
  const [discovery] = DISCOVERY;
  const paths: Record<string, string> = signsPeopleIn(app.type)
    ? {
        discovery,
        authorization: ENDPOINTS.authorization,
        token: ENDPOINTS.token,
        userinfo: ENDPOINTS.userinfo,
      }
    : { discovery, token: ENDPOINTS.token };
  const endpoints = Object.entries(paths).map(([name, path]) => [name, `${issuer}${path}`]);
  return {
    issuer,
    endpoints: Object.fromEntries(endpoints),
    snippets: snippetsFor(app.type, snippetValues(issuer, app)),
    needsApi: !signsPeopleIn(app.type) && app.resources.length === 0,
  };
}

/** Whoever registered no scopes begins with who the person is. */
export function snippetValues(issuer: string, app: ClientView): SnippetValues {
  const { id: clientId, type, authMethod, redirectUris, resources } = app;
  const scopes = app.scopes.length > 0 || !signsPeopleIn(type) ? app.scopes : ['openid', 'profile', 'email'];
  return { issuer, clientId, authMethod, redirectUri: redirectUris[0], scopes, resource: resources[0] };
}
