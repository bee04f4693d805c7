import type Router from '@koa/router';
import type { Platform } from '../../../platform/platform.ts';
import type { RequestState } from '../../../platform/web/context.ts';
import { pagesOfApi } from '../../portal-guards.ts';
import {
  showNewReportKey,
  showReportKeyEnd,
  submitNewReportKey,
  submitReportKeyEnd,
} from './report-keys.pages.ts';
import { showReports } from './reports.pages.ts';

/** What an API says of tokens that misbehave, and the keys it signs that with. */
export function routeReports(router: Router<RequestState>, platform: Platform): void {
  const api = pagesOfApi(router, platform);
  api.get('/reports', { may: 'read' }, showReports(platform));
  api.get('/reports/keys/new', { may: 'protect', recent: true }, showNewReportKey);
  api.post('/reports/keys/new', { may: 'protect', recent: true }, submitNewReportKey(platform));
  api.get('/reports/keys/:key/ending', { may: 'protect', recent: true }, showReportKeyEnd(platform));
  api.post('/reports/keys/:key/ending', { may: 'protect', recent: true }, submitReportKeyEnd(platform));
}
