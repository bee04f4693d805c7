import { z } from 'zod';
import { UUID } from '../../../platform/ids.ts';
import type { Platform } from '../../../platform/platform.ts';
import type { Handler } from '../../../platform/web/context.ts';
import type { TextKey } from '../../../platform/words/text-keys.ts';
import { findClients } from '../../clients/client.ts';
import { renderPortalPage } from '../../portal-page.ts';
import { reportSnippet } from '../../support/report-snippet.ts';
import { apiPath } from '../api-change.ts';
import { apiOf } from '../require-api.ts';
import { misuseEvent } from './misuse-event.ts';
import { liveReportKeys, MOST_REPORT_KEYS } from './report-keys.ts';
import { listReports } from './reports.ts';

const DONE = {
  'key-added': 'abuse-reports.done-key-added',
  'key-ended': 'abuse-reports.done-key-ended',
  gone: 'abuse-reports.done-gone',
} as const satisfies Record<string, TextKey>;

const Query = z.object({
  done: z
    .enum(Object.keys(DONE) as [keyof typeof DONE])
    .optional()
    .catch(undefined),
  after: z.string().regex(UUID).optional().catch(undefined),
});

/** GET …/reports: the keys an API signs with, what it reported, and how. */
export function showReports(platform: Platform): Handler {
  return async (ctx) => {
    const api = apiOf(ctx);
    const { done, after } = Query.parse({ ...ctx.query });
    const keys = await liveReportKeys(platform, api.id);
    const { reports, next } = await listReports(platform, { apiId: api.id, ...(after && { after }) });
    const clients = await findClients(
      platform,
      reports.map(({ clientId }) => clientId),
    );
    const { issuer } = platform.config;
    const event = misuseEvent(issuer);
    renderPortalPage(ctx, 'developers/apis/reports/reports', {
      ...{ api, keys, next, event, done: done && DONE[done], mostKeys: MOST_REPORT_KEYS },
      path: apiPath(ctx, 'reports'),
      address: `${issuer}/security-events`,
      reports: reports.map((one) => ({ ...one, app: clients.get(one.clientId)?.name })),
      program: reportSnippet({ ...api, issuer, event, kid: keys[0]?.kid ?? 'kid of your key' }),
    });
  };
}
