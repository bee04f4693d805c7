import type Router from '@koa/router';
import { limitPerson } from '../../accounts/sessions/limit-person.ts';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { sameOriginOnly } from '../../platform/web/csrf.ts';
import { publicRoute } from '../../platform/web/guards.ts';
import { formsStayHere } from '../../platform/web/security-headers.ts';
import { requireRecent, requireSession } from '../sign-in/require-session.ts';
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

  router.get('/account', requireSession(platform), formsStayHere, showAccount(platform));
  router.get(
    '/account/sign-in-methods',
    requireSession(platform),
    formsStayHere,
    showSignInMethods(platform),
  );
  router.get('/account/events', requireSession(platform), formsStayHere, showEvents(platform));
  router.get('/account/events/report', requireSession(platform), formsStayHere, showReport(platform));
  router.post(
    '/account/events/report',
    sameOriginOnly,
    requireSession(platform),
    formsStayHere,
    submitReport(platform),
  );
  router.get('/account/data', requireSession(platform), formsStayHere, showData());
  router.post(
    '/account/data/download',
    sameOriginOnly,
    requireSession(platform),
    formsStayHere,
    requireRecent(platform, '/account/data'),
    submitDownload(platform, dataParts),
  );
}
