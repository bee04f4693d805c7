import type Router from '@koa/router';
import { limitPerson } from '../../accounts/sessions/limit-person.ts';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { sameOriginOnly } from '../../platform/web/csrf.ts';
import { publicRoute } from '../../platform/web/guards.ts';
import { pagesOfAccount } from '../sign-in/account-guards.ts';
import { showAccount } from './account.pages.ts';
import { showData, submitDownload } from './data.pages.ts';
import { showEvents, showReport, submitReport } from './events.pages.ts';
import { homePage } from './home.pages.ts';
import { showLanguages, submitLanguage } from './language.pages.ts';
import type { DataPart } from './personal-data.ts';
import { showSignInMethods } from './sign-in-methods.pages.ts';

/** What a person sees and stops in their own account. `dataParts` is what upper floors hold about them. */
export function routeAccountArea(
  router: Router<RequestState>,
  platform: Platform,
  dataParts: readonly DataPart[],
): void {
  router.get('/', publicRoute, homePage);
  router.get('/language', publicRoute, showLanguages);
  router.post(
    '/language',
    sameOriginOnly,
    limitPerson(platform, 'account-changes'),
    publicRoute,
    submitLanguage(platform),
  );

  const page = pagesOfAccount(router, platform);
  page.get('/account', { recent: false }, showAccount(platform));
  page.get('/account/sign-in-methods', { recent: false }, showSignInMethods(platform));
  page.get('/account/events', { recent: false }, showEvents(platform));
  page.get('/account/events/report', { recent: false }, showReport(platform));
  page.post('/account/events/report', { recent: false }, submitReport(platform));
  page.get('/account/data', { recent: false }, showData());
  page.post(
    '/account/data/download',
    { recent: { backTo: '/account/data' } },
    submitDownload(platform, dataParts),
  );
}
