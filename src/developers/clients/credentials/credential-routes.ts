import type Router from '@koa/router';
import { requireRecent, requireSession } from '../../../accounts/sign-in/require-session.ts';
import { limitBy } from '../../../defense/limits/limit-by.ts';
import type { Platform } from '../../../platform/platform.ts';
import type { RequestState } from '../../../platform/web/context.ts';
import { sameOriginOnly } from '../../../platform/web/csrf.ts';
import { publicRoute } from '../../../platform/web/guards.ts';
import { formsStayHere } from '../../../platform/web/security-headers.ts';
import { requireApi } from '../../apis/require-api.ts';
import { requireMember } from '../../organizations/require-member.ts';
import { showMethod, submitMethod } from './auth-method.pages.ts';
import { showCredentials } from './credentials.pages.ts';
import { showKeyAddress, submitKeyAddress } from './key-address.pages.ts';
import { showKeyEnd, showNewKey, submitKeyEnd, submitNewKey } from './keys.pages.ts';
import { submitLeakReport } from './leak-reports.pages.ts';
import { requireApp } from '../require-app.ts';
import { showRotation, submitRotation } from './secret-rotation.pages.ts';
import { showNewSecret, showSecretEnd, submitNewSecret, submitSecretEnd } from './secrets.pages.ts';

/** What apps and APIs prove themselves with. */
export function routeCredentials(router: Router<RequestState>, platform: Platform): void {
  // Public: whoever found something may say so, and needs no account for it.
  router.post(
    '/leak-reports',
    publicRoute,
    sameOriginOnly,
    limitBy(platform, 'leak-reports'),
    submitLeakReport(platform),
  );
  routeCredentialsOfApps(router, platform);
  routeCredentialsOfApis(router, platform);
}

function routeCredentialsOfApps(router: Router<RequestState>, platform: Platform): void {
  router.get(
    '/developers/organizations/:organization/apps/:client/credentials',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApp(platform),
    formsStayHere,
    showCredentials(platform),
  );
  router.get(
    '/developers/organizations/:organization/apps/:client/credentials/secrets/new',
    requireSession(platform),
    requireMember(platform, 'protect'),
    requireApp(platform),
    requireRecent(platform),
    formsStayHere,
    showNewSecret,
  );
  router.post(
    '/developers/organizations/:organization/apps/:client/credentials/secrets/new',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'protect'),
    requireApp(platform),
    requireRecent(platform),
    formsStayHere,
    submitNewSecret(platform),
  );
  router.get(
    '/developers/organizations/:organization/apps/:client/credentials/secrets/:secret/rotation',
    requireSession(platform),
    requireMember(platform, 'protect'),
    requireApp(platform),
    requireRecent(platform),
    formsStayHere,
    showRotation(platform),
  );
  router.post(
    '/developers/organizations/:organization/apps/:client/credentials/secrets/:secret/rotation',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'protect'),
    requireApp(platform),
    requireRecent(platform),
    formsStayHere,
    submitRotation(platform),
  );
  router.get(
    '/developers/organizations/:organization/apps/:client/credentials/secrets/:secret/ending',
    requireSession(platform),
    requireMember(platform, 'protect'),
    requireApp(platform),
    requireRecent(platform),
    formsStayHere,
    showSecretEnd(platform),
  );
  router.post(
    '/developers/organizations/:organization/apps/:client/credentials/secrets/:secret/ending',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'protect'),
    requireApp(platform),
    requireRecent(platform),
    formsStayHere,
    submitSecretEnd(platform),
  );
  router.get(
    '/developers/organizations/:organization/apps/:client/credentials/keys/new',
    requireSession(platform),
    requireMember(platform, 'protect'),
    requireApp(platform),
    requireRecent(platform),
    formsStayHere,
    showNewKey,
  );
  router.post(
    '/developers/organizations/:organization/apps/:client/credentials/keys/new',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'protect'),
    requireApp(platform),
    requireRecent(platform),
    formsStayHere,
    submitNewKey(platform),
  );
  router.get(
    '/developers/organizations/:organization/apps/:client/credentials/keys/:key/ending',
    requireSession(platform),
    requireMember(platform, 'protect'),
    requireApp(platform),
    requireRecent(platform),
    formsStayHere,
    showKeyEnd(platform),
  );
  router.post(
    '/developers/organizations/:organization/apps/:client/credentials/keys/:key/ending',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'protect'),
    requireApp(platform),
    requireRecent(platform),
    formsStayHere,
    submitKeyEnd(platform),
  );
  router.get(
    '/developers/organizations/:organization/apps/:client/credentials/key-address',
    requireSession(platform),
    requireMember(platform, 'protect'),
    requireApp(platform),
    requireRecent(platform),
    formsStayHere,
    showKeyAddress,
  );
  router.post(
    '/developers/organizations/:organization/apps/:client/credentials/key-address',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'protect'),
    requireApp(platform),
    requireRecent(platform),
    formsStayHere,
    submitKeyAddress(platform),
  );
  router.get(
    '/developers/organizations/:organization/apps/:client/credentials/method',
    requireSession(platform),
    requireMember(platform, 'protect'),
    requireApp(platform),
    requireRecent(platform),
    formsStayHere,
    showMethod,
  );
  router.post(
    '/developers/organizations/:organization/apps/:client/credentials/method',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'protect'),
    requireApp(platform),
    requireRecent(platform),
    formsStayHere,
    submitMethod(platform),
  );
}

/** An API has secrets alone, to introspect its tokens with. */
function routeCredentialsOfApis(router: Router<RequestState>, platform: Platform): void {
  router.get(
    '/developers/organizations/:organization/apis/:api/credentials',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApi(platform),
    formsStayHere,
    showCredentials(platform),
  );
  router.get(
    '/developers/organizations/:organization/apis/:api/credentials/secrets/new',
    requireSession(platform),
    requireMember(platform, 'protect'),
    requireApi(platform),
    requireRecent(platform),
    formsStayHere,
    showNewSecret,
  );
  router.post(
    '/developers/organizations/:organization/apis/:api/credentials/secrets/new',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'protect'),
    requireApi(platform),
    requireRecent(platform),
    formsStayHere,
    submitNewSecret(platform),
  );
  router.get(
    '/developers/organizations/:organization/apis/:api/credentials/secrets/:secret/rotation',
    requireSession(platform),
    requireMember(platform, 'protect'),
    requireApi(platform),
    requireRecent(platform),
    formsStayHere,
    showRotation(platform),
  );
  router.post(
    '/developers/organizations/:organization/apis/:api/credentials/secrets/:secret/rotation',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'protect'),
    requireApi(platform),
    requireRecent(platform),
    formsStayHere,
    submitRotation(platform),
  );
  router.get(
    '/developers/organizations/:organization/apis/:api/credentials/secrets/:secret/ending',
    requireSession(platform),
    requireMember(platform, 'protect'),
    requireApi(platform),
    requireRecent(platform),
    formsStayHere,
    showSecretEnd(platform),
  );
  router.post(
    '/developers/organizations/:organization/apis/:api/credentials/secrets/:secret/ending',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'protect'),
    requireApi(platform),
    requireRecent(platform),
    formsStayHere,
    submitSecretEnd(platform),
  );
}
