import * as oidc from 'openid-client';
import type { Page, Visitor } from './visitor.ts';
import type { App, Notes } from './world.ts';

export interface Request {
  readonly url: string;
  readonly verifier: string;
  readonly state: string;
}

/** An app as somebody else would write it: openid-client against the running server. */
export interface RelyingParty {
  readonly config: oidc.Configuration;
  /** Makes an authorization request with PKCE and state. */
  request(params?: Readonly<Record<string, string>>): Promise<Request>;
  /** Redeems the code in the callback that `page` redirects to. */
  redeem(request: Request, page: Page): ReturnType<typeof oidc.authorizationCodeGrant>;
  refresh(
    token: string,
    params?: Readonly<Record<string, string>>,
  ): ReturnType<typeof oidc.refreshTokenGrant>;
}

export async function relyingParty(issuer: string, app: App): Promise<RelyingParty> {
  const insecure = { execute: [oidc.allowInsecureRequests] };
  const authentication = app.secret ? oidc.ClientSecretBasic(app.secret) : oidc.None();
  const config = await oidc.discovery(new URL(issuer), app.clientId, undefined, authentication, insecure);
  return {
    config,
    async request(params = {}) {
      const verifier = oidc.randomPKCECodeVerifier();
      const state = oidc.randomState();
      const url = oidc.buildAuthorizationUrl(config, {
        redirect_uri: app.redirectUri,
        scope: 'openid notes:read',
        state,
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        ...params,
      });
      return { url: url.href, verifier, state };
    },
    redeem: ({ verifier, state }, page) =>
      oidc.authorizationCodeGrant(config, new URL(page.location ?? ''), {
        pkceCodeVerifier: verifier,
        expectedState: state,
      }),
    refresh: (token, params) => oidc.refreshTokenGrant(config, token, params),
  };
}

/** The parameters of the callback a page redirects to. */
export function callbackOf(page: Page): Record<string, string> {
  if (!page.location)
    throw new Error(`${page.url} redirects nowhere: ${page.status} ${page.text.slice(0, 300)}`);
  return Object.fromEntries(new URL(page.location).searchParams);
}

/** Allows the app on the consent page that the visitor stands on. */
export async function allow(visitor: Visitor, page: Page): Promise<Page> {
  return visitor.submit(page, 'Allow');
}

/** What a resource API learns about a token (RFC 7662). */
export async function introspect(
  issuer: string,
  caller: App | Notes,
  token: string,
): Promise<Record<string, unknown>> {
  const response = await postAs(issuer, '/token/introspection', caller, { token });
  if (response.status !== 200) throw new Error(`introspection answered ${response.status}`);
  return (await response.json()) as Record<string, unknown>;
}

/** A form post with HTTP Basic authentication, as machines send it. */
export function postAs(
  issuer: string,
  path: string,
  { clientId, secret }: { clientId: string; secret: string },
  fields: Readonly<Record<string, string>>,
): Promise<Response> {
  return fetch(new URL(path, issuer), {
    method: 'POST',
    headers: { Authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}` },
    body: new URLSearchParams(fields),
  });
}
