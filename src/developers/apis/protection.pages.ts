import { ENDPOINTS } from '../endpoints.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Handler } from '../../platform/web/context.ts';
import { renderPortalPage } from '../portal-page.ts';
import { introspectionPrograms, jwtPrograms } from '../support/protect-programs.ts';
import { apiOf } from './require-api.ts';
import { scopesOf } from './scopes/scope-changes.ts';

/** GET …/apis/:api/protection: how the API finds out what a token is worth, with its own ids. */
export function showProtection(platform: Platform): Handler {
  return async (ctx) => {
    const api = apiOf(ctx);
    const { issuer } = platform.config;
    const scopes = (await scopesOf(platform, api.id)).map(({ name }) => name);
    const { clientId, identifier } = api;
    const values = { issuer, clientId, identifier, scope: scopes[0] ?? 'notes:read' };
    const programs = api.tokenFormat === 'jwt' ? jwtPrograms(values) : introspectionPrograms(values);
    const addresses = { introspection: issuer + ENDPOINTS.introspection, keys: issuer + ENDPOINTS.jwks };
    renderPortalPage(ctx, 'developers/apis/protection', { api, issuer, addresses, programs });
  };
}
