import type { Platform } from '../../platform/platform.ts';
import type { Handler } from '../../platform/web/context.ts';
import { renderPortalPage } from '../portal-page.ts';
import { hostOf } from './identifier.ts';
import { apiOf } from './require-api.ts';

/** GET …/apis/:api: what it is called, where it stands, what comes next. */
export function showApi({ config }: Platform): Handler {
  return (ctx) => {
    const api = apiOf(ctx);
    const host = api.identifier === '' ? undefined : hostOf(api.identifier);
    renderPortalPage(ctx, 'developers/apis/api', { api, host, issuer: config.issuer });
  };
}
