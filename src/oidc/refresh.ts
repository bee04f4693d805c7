import type { KoaContextWithOIDC, RefreshToken } from 'oidc-provider';
import { epochSeconds } from '../platform/clock.ts';
import type { Platform } from '../platform/platform.ts';
import { LIFETIMES } from '../tokens/lifetimes.ts';
import { pushedScope } from './internals.ts';

/** What a successor may still live: the family ends a year after its first token, however often it was used. */
export function refreshLifetime({ clock }: Platform, token: unknown): number {
  const { iiat } = token as Partial<RefreshToken>;
  const age = iiat === undefined ? 0 : epochSeconds(clock.now()) - iiat;
  return Math.max(1, LIFETIMES.refreshToken.absoluteSeconds - age);
}

/**
 * Honours offline_access without prompt=consent, which the engine would drop: here the person's own consent, asked
 * for once, is the condition OpenID Connect Core §11 demands. What stands beside a pushed request does not count.
 */
export function keepOfflineAccess(ctx: KoaContextWithOIDC): void {
  const { params, client, body, entities } = ctx.oidc;
  const asked = entities.PushedAuthorizationRequest ? pushedScope(ctx) : (body?.scope ?? ctx.query.scope);
  if (!params || typeof asked !== 'string' || !client?.grantTypeAllowed('refresh_token')) return;
  if (!asked.split(' ').includes('offline_access')) return;
  const scopes = new Set(
    String(params.scope ?? '')
      .split(' ')
      .filter(Boolean),
  );
  params.scope = [...scopes.add('offline_access')].join(' ');
}
