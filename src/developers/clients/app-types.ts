/** What kind of software an app is decides how it proves itself and where it may be sent back to. */
export const APP_TYPES = ['web', 'spa', 'native', 'machine', 'cli', 'agent'] as const;
export type AppType = (typeof APP_TYPES)[number];

/** RFC 7591 §2 token_endpoint_auth_method, as far as apps may choose today. */
export type AuthMethod = 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt' | 'none';

/** What ID tokens may be signed with: the shorter one, or the one that every library knows. */
export const ID_TOKEN_ALGORITHMS = ['ES256', 'RS256'] as const;
export type IdTokenAlgorithm = (typeof ID_TOKEN_ALGORITHMS)[number];

/** Whether it proves itself with one. */
export function usesSecret(authMethod: AuthMethod): boolean {
  return authMethod === 'client_secret_basic' || authMethod === 'client_secret_post';
}

/** Whether a type keeps secrets. An agent runs on a server or on somebody's own machine: it may, if it says so. */
const KEEPS_SECRETS: Readonly<Record<AppType, 'always' | 'if-asked' | 'never'>> = {
  web: 'always',
  machine: 'always',
  agent: 'if-asked',
  spa: 'never',
  native: 'never',
  cli: 'never',
};

/** Whether it may hold something secret. An API introspects from a server of its own. */
export function keepsSecrets(type: AppType | 'api'): boolean {
  return type === 'api' || KEEPS_SECRETS[type] !== 'never';
}

/** Signs people in; a machine acts for itself. */
export function signsPeopleIn(type: AppType): boolean {
  return type !== 'machine';
}

/** Runs where the person is, so that it may be sent back to the loopback address, at any port (RFC 8252 §7.3). */
export function runsOnDevice(type: string): boolean {
  return type === 'native' || type === 'cli' || type === 'agent';
}

export type ChosenAuthMethod =
  | { readonly ok: true; readonly authMethod: AuthMethod }
  | { readonly ok: false; readonly sentence: string };

/** The authentication method of an app: the one asked for where its type allows it, else the type's usual one. */
export function chooseAuthMethod(type: AppType, asked: string | undefined): ChosenAuthMethod {
  const keeps = KEEPS_SECRETS[type];
  if (asked === undefined)
    return { ok: true, authMethod: keeps === 'always' ? 'client_secret_basic' : 'none' };
  if (asked === 'client_secret_basic' || asked === 'client_secret_post' || asked === 'private_key_jwt') {
    if (keeps !== 'never') return { ok: true, authMethod: asked };
    return {
      ok: false,
      sentence: `An app of type ${type} cannot keep a secret. Use none, or register it as web.`,
    };
  }
  if (asked === 'none') {
    if (keeps !== 'always') return { ok: true, authMethod: 'none' };
    return { ok: false, sentence: `An app of type ${type} must prove itself. Use client_secret_basic.` };
  }
  return {
    ok: false,
    sentence:
      'That authentication method is not offered. Use private_key_jwt, client_secret_basic, client_secret_post or none.',
  };
}
