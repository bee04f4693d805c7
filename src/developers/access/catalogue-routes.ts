import type Router from '@koa/router';
import { limitBy } from '../../defense/limits/limit-by.ts';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { pagesOfApp, pagesOfOrganization } from '../portal-guards.ts';
import {
  showAppAccess,
  showTermsToAccept,
  submitGivingBack,
  submitRedemption,
  submitTermsToAccept,
  submitWithdrawal,
} from './app-access.pages.ts';
import { showCatalogue, showListed, submitAsking, submitTaking } from './catalogue.pages.ts';

/** How developers find APIs of others, and get access for their apps. */
export function routeCatalogue(router: Router<RequestState>, platform: Platform): void {
  const organization = pagesOfOrganization(router, platform);
  const app = pagesOfApp(router, platform);
  organization.get('/catalogue', { may: 'read' }, showCatalogue(platform));
  organization.get('/catalogue/:listed', { may: 'read' }, showListed(platform));
  organization.post('/catalogue/:listed/accesses', { may: 'build' }, submitTaking(platform));
  organization.post('/catalogue/:listed/access-requests', { may: 'build' }, submitAsking(platform));
  app.get('/access', { may: 'read' }, showAppAccess(platform));
  app.post('/access/requests/:request/withdrawal', { may: 'build' }, submitWithdrawal(platform));
  app.post('/access/:access/ending', { may: 'build' }, submitGivingBack(platform));
  app.get('/access/terms/:listed', { may: 'read' }, showTermsToAccept(platform));
  app.post('/access/terms/:listed', { may: 'build' }, submitTermsToAccept(platform));
  app.post(
    '/access/redemptions',
    { may: 'build' },
    limitBy(platform, 'redemptions'),
    submitRedemption(platform),
  );
}
