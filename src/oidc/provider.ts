import type { KeyObject } from 'node:crypto';
import type Koa from 'koa';
import compose from 'koa-compose';
import Provider from 'oidc-provider';
import type { HandleKind } from '../platform/crypto/secrets.ts';
import { newHandle, successorOf } from '../platform/crypto/secrets.ts';
import type { Platform } from '../platform/platform.ts';
import { pinIssuer } from '../platform/web/request.ts';
import { compareSecretsWith, findClientsWith, type HandleModel, makeHandlesWith } from './internals.ts';
import { clientFinder, compareSecret } from './registered-clients.ts';
import { verifyingKeys } from './access-jwt.ts';
import { currentScope } from './request-scope.ts';
import { projectBrowserSessions } from './session-projection.ts';
import { type EnginePages, engineSettings } from './settings.ts';
import { ensureActiveKeys, loadSigningKeys, signingKeysVersion } from './signing-keys.ts';

/** The running engine. Ask for `provider` at each use: it is replaced when the signing keys change (decision 12). */
export interface Engine {
  readonly provider: Provider;
  readonly middleware: Koa.Middleware;
  /** The public key that it signs access tokens with, or did: by its id, while it is published. */
  verifyingKey(kid: string): KeyObject | undefined;
  /** A job: builds the engine anew when the keys in the database are not those it runs with. */
  followKeys(): Promise<void>;
}

export async function startEngine(platform: Platform, pages: EnginePages): Promise<Engine> {
  await ensureActiveKeys(platform);
  let version = await signingKeysVersion(platform);
  let current = await buildEngine(platform, pages);
  return {
    get provider() {
      return current.provider;
    },
    // A request in flight finishes on the engine it began with.
    middleware: (ctx, next) => current.middleware(ctx, next),
    verifyingKey: (kid) => current.keys.get(kid),
    async followKeys() {
      const latest = await signingKeysVersion(platform);
      if (latest === version) return;
      current = await buildEngine(platform, pages);
      version = latest;
    },
  };
}

interface BuiltEngine {
  readonly provider: Provider;
  readonly middleware: Koa.Middleware;
  readonly keys: ReadonlyMap<string, KeyObject>;
}

async function buildEngine(platform: Platform, pages: EnginePages): Promise<BuiltEngine> {
  const { config, log } = platform;
  const signingKeys = await loadSigningKeys(platform);
  const provider = new Provider(config.issuer, engineSettings(platform, pages, signingKeys));
  pinIssuer(provider, config);
  makeHandlesWith(provider, (model) => makeHandle(platform, model));
  findClientsWith(provider, clientFinder(platform, provider));
  compareSecretsWith(provider, (client, presented) => compareSecret(platform, client, presented));
  projectBrowserSessions(platform, provider);
  noteFailures(provider);
  provider.on('server_error', (ctx, err) => {
    currentScope().failed = true;
    log.error(
      { requestId: (ctx.state as { requestId?: string }).requestId, err },
      'a protocol request failed',
    );
  });
  const middleware = compose(provider.middleware) as Koa.Middleware;
  return { provider, middleware, keys: verifyingKeys(signingKeys) };
}

/** What the engine tells nobody else: the detail behind an error, such as which part of a code was wrong. */
function noteFailures(provider: Provider): void {
  for (const event of FAILURES) {
    provider.on(event as 'grant.error', (_ctx, failure) => {
      currentScope().noted.failure = failure;
    });
  }
}

const FAILURES = [
  'authorization.error',
  'pushed_authorization_request.error',
  'grant.error',
  'introspection.error',
  'revocation.error',
  'userinfo.error',
  'end_session.error',
  'end_session_confirm.error',
];

const KIND_OF: Readonly<Record<HandleModel, HandleKind>> = {
  AccessToken: 'access',
  ClientCredentials: 'service',
  RefreshToken: 'refresh',
  AuthorizationCode: 'code',
  PushedAuthorizationRequest: 'request',
};

/** A rotated refresh token has one computed successor, so that a repeated request gets the same one (decision 6). */
function makeHandle({ clock, vault }: Platform, model: HandleModel): string {
  const { rotating } = currentScope();
  if (model === 'RefreshToken' && rotating !== undefined) {
    return successorOf(rotating, vault.secret('refresh-successor'));
  }
  return newHandle(KIND_OF[model], clock.now());
}
