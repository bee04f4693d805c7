import type Router from '@koa/router';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { pagesOfApi, pagesOfApp } from '../portal-guards.ts';
import { showApiChecks, showAppChecks } from './checks/findings.pages.ts';
import { ofApi, ofApp } from './request-holder.ts';
import { downloadCalls, downloadPeople, showUsage } from './usage.pages.ts';

/** How much apps and APIs are used, and what the checks say about them. */
export function routeInsights(router: Router<RequestState>, platform: Platform): void {
  const app = pagesOfApp(router, platform);
  const api = pagesOfApi(router, platform);
  routeUsage(router, platform);
  app.get('/checks', { may: 'read' }, showAppChecks(platform));
  api.get('/checks', { may: 'read' }, showApiChecks(platform));
}

function routeUsage(router: Router<RequestState>, platform: Platform): void {
  const app = pagesOfApp(router, platform);
  const api = pagesOfApi(router, platform);
  app.get('/usage', { may: 'read' }, showUsage(platform, ofApp));
  api.get('/usage', { may: 'read' }, showUsage(platform, ofApi));
  app.get('/usage/calls.csv', { may: 'read' }, downloadCalls(platform, ofApp));
  api.get('/usage/calls.csv', { may: 'read' }, downloadCalls(platform, ofApi));
  app.get('/usage/people.csv', { may: 'read' }, downloadPeople(platform, ofApp));
  api.get('/usage/people.csv', { may: 'read' }, downloadPeople(platform, ofApi));
}
