import type { Platform } from '../../platform/platform.ts';
import type { Handler } from '../../platform/web/context.ts';
import { renderPortalPage } from '../portal-page.ts';
import { hostOf } from './identifier.ts';
import { hasReference } from './reference/reference.ts';
import { apiOf } from './require-api.ts';
import { scopesOf } from './scopes/scope-changes.ts';

/** GET …/apis/:api: what it is called, where it stands, what comes next. */
export function showApi(platform: Platform): Handler {
  return async (ctx) => {
    const api = apiOf(ctx);
    const scopes = await scopesOf(platform, api.id);
    const steps = [
      { page: 'scopes', done: scopes.length > 0 },
      { page: 'protection', done: false },
      { page: 'reference', done: await hasReference(platform, api.id) },
      { page: 'terms', done: api.termsVersion > 0 },
      { page: 'openings', done: false },
    ];
    const host = api.identifier === '' ? undefined : hostOf(api.identifier);
    renderPortalPage(ctx, 'developers/apis/api', { api, host, steps, issuer: platform.config.issuer });
  };
}
