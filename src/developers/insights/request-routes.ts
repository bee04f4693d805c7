import type Router from '@koa/router';
import { limitBy } from '../../defense/limits/limit-by.ts';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { memberOf } from '../organizations/require-member.ts';
import { pagesOfApi, pagesOfApp } from '../portal-guards.ts';
import { showAddition, submitAddition } from './redirect-addition.pages.ts';
import { showRequest } from './request.pages.ts';
import { ofApi, ofApp } from './request-holder.ts';
import { showRequests, tailRequests } from './requests.pages.ts';

/** The request inspector of apps and APIs. */
export function routeRequests(router: Router<RequestState>, platform: Platform): void {
  const app = pagesOfApp(router, platform);
  const api = pagesOfApi(router, platform);
  app.get('/requests', { may: 'read' }, showRequests(platform, ofApp));
  api.get('/requests', { may: 'read' }, showRequests(platform, ofApi));
  app.get(
    '/requests/tail',
    { may: 'read' },
    limitBy(platform, 'live-tails', (ctx) => memberOf(ctx).organization.id),
    tailRequests(platform, ofApp),
  );
  api.get(
    '/requests/tail',
    { may: 'read' },
    limitBy(platform, 'live-tails', (ctx) => memberOf(ctx).organization.id),
    tailRequests(platform, ofApi),
  );
  app.get('/requests/:request', { may: 'read' }, showRequest(platform, ofApp));
  api.get('/requests/:request', { may: 'read' }, showRequest(platform, ofApi));
  // Right after the error page: whoever adds a redirect URI has proven just now who they are.
  app.get('/redirect-uris/additions', { may: 'build', recent: true }, showAddition(platform));
  app.post('/redirect-uris/additions', { may: 'build', recent: true }, submitAddition(platform));
}
