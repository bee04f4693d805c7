/** Where the engine answers, by its own names for its routes. */
export const ENDPOINTS = {
  authorization: '/authorize',
  end_session: '/session/end',
  introspection: '/token/introspection',
  jwks: '/jwks',
  pushed_authorization_request: '/par',
  revocation: '/token/revocation',
  token: '/token',
  userinfo: '/userinfo',
} as const;

/** The two discovery documents (OpenID Connect Discovery §4, RFC 8414 §3). */
export const DISCOVERY = [
  '/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server',
] as const;
