import type { Platform } from '../../../platform/platform.ts';
import type { Handler } from '../../../platform/web/context.ts';
import { apiOf } from '../../apis/require-api.ts';
import { appOf } from '../../clients/require-app.ts';
import { renderPortalPage } from '../../portal-page.ts';
import { API_CHECKS } from './api-checks.ts';
import { CLIENT_CHECKS } from './client-checks.ts';
import { findingsOf, findingsOfApi, REQUIRED_CHECKS } from './findings.ts';

/** GET …/apps/:client/checks */
export function showAppChecks(platform: Platform): Handler {
  return async (ctx) => {
    const app = appOf(ctx);
    renderPortalPage(ctx, 'developers/insights/checks/findings', {
      ...{ app, findings: await findingsOf(platform, app.id), count: CLIENT_CHECKS.length },
      required: platform.settings.get(REQUIRED_CHECKS),
    });
  };
}

/** GET …/apis/:api/checks */
export function showApiChecks(platform: Platform): Handler {
  return async (ctx) => {
    const api = apiOf(ctx);
    renderPortalPage(ctx, 'developers/insights/checks/findings', {
      ...{ api, findings: await findingsOfApi(platform, api.id), count: API_CHECKS.length, required: [] },
    });
  };
}
