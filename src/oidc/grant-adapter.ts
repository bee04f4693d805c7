import type { Adapter, AdapterPayload } from 'oidc-provider';
import { auditEntry } from '../audit/trail.ts';
import type { Platform } from '../platform/platform.ts';
import { grantEnd } from '../tokens/consent-ends.ts';
import { findGrant } from '../tokens/grants.ts';
import { payloadAtRest } from './payloads.ts';
import { actorInScope, currentScope } from './request-scope.ts';
import { unusedAdapter } from './unused-adapter.ts';

const LONGEST_USER_AGENT = 300;

/** Keeps what a person allowed a client in one browser session; whatever was issued from it ends with it. */
export function grantAdapter(platform: Platform): Adapter {
  const { clock } = platform;
  return {
    ...unusedAdapter('Grant'),
    async upsert(id, payload) {
      const { ctx, writes, browserSession, consentEnd } = currentScope();
      if (!browserSession) throw new Error('a grant needs the browser session it is given in');
      const { openid } = payload as { openid?: { scope?: string } };
      const now = clock.now();
      writes.grants.set(id, {
        id,
        accountId: String(payload.accountId),
        clientId: String(payload.clientId),
        browserSessionId: browserSession.id,
        endsWithSession: !openid?.scope?.split(' ').includes('offline_access'),
        payload: payloadAtRest(platform, 'grant', id, payload),
        createdAt: now,
        expiresAt: grantEnd(consentEnd, now),
        userAgent: ctx.get('User-Agent').slice(0, LONGEST_USER_AGENT) || null,
        needsConsent: consentEnd !== undefined,
      });
    },
    async find(id) {
      const { grants, writes } = currentScope();
      const pending = writes.grants.get(id);
      if (pending) return { ...(pending.payload as AdapterPayload), jti: id };
      const found = grants.get(id) ?? (await findGrant(platform, id));
      if (!found) return undefined;
      grants.set(id, found);
      return { ...(found.payload as AdapterPayload), jti: id };
    },
    async destroy(id) {
      const scope = currentScope();
      scope.writes.revokedGrants.add(id);
      scope.writes.events.push(
        auditEntry(
          clock.now(),
          actorInScope(scope),
          scope.reused ? 'grant.reuse-detected' : 'grant.revoked',
          { kind: 'grant', id },
          scope.reused && { artifact: scope.reused },
        ),
      );
    },
  };
}
