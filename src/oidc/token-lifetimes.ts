import type { Configuration, ResourceServer } from 'oidc-provider';
import { epochSeconds } from '../platform/clock.ts';
import type { Platform } from '../platform/platform.ts';
import { LIFETIMES } from '../tokens/lifetimes.ts';
import { refreshLifetime } from './refresh.ts';
import { currentScope } from './request-scope.ts';

/** How long what the engine makes lives, in seconds. What an app is told of a person never outlives their consent. */
export function lifetimes(platform: Platform): NonNullable<Configuration['ttl']> {
  return {
    AccessToken: (_ctx, { grantId, resourceServer }) =>
      withinGrant(platform, grantId, secondsAt(resourceServer)),
    AuthorizationCode: (_ctx, { grantId }) => withinGrant(platform, grantId, LIFETIMES.authorizationCode),
    ClientCredentials: (_ctx, { resourceServer }) => secondsAt(resourceServer),
    Grant: LIFETIMES.grant,
    IdToken: (ctx) => withinGrant(platform, ctx.oidc.entities.Grant?.jti, LIFETIMES.idToken),
    Interaction: LIFETIMES.interaction,
    // The end of its grant may still move, so it is looked at whenever the token is read (artifact-adapter.ts).
    RefreshToken: (_ctx, token) => refreshLifetime(platform, token),
    // Without a person it only remembers that a sign-out was asked for.
    Session: (_ctx, { accountId }) => (accountId ? LIFETIMES.session.absoluteSeconds : LIFETIMES.interaction),
  };
}

/** As the API says that the token is for. */
function secondsAt(api: ResourceServer | undefined): number {
  return api?.accessTokenTTL ?? LIFETIMES.accessToken;
}

/** `seconds`, or what is left of the grant. */
function withinGrant({ clock }: Platform, grantId: string | undefined, seconds: number): number {
  const { grants, writes } = currentScope();
  const grant = grantId === undefined ? undefined : (writes.grants.get(grantId) ?? grants.get(grantId));
  if (!grant) return seconds;
  const left = epochSeconds(grant.expiresAt) - epochSeconds(clock.now());
  return Math.max(1, Math.min(seconds, left));
}
