import type Router from '@koa/router';
import { limitBy } from '../../../defense/limits/limit-by.ts';
import type { Platform } from '../../../platform/platform.ts';
import type { RequestState } from '../../../platform/web/context.ts';
import { sameOriginOnly } from '../../../platform/web/csrf.ts';
import { publicRoute } from '../../../platform/web/guards.ts';
import { pagesOfApi, pagesOfApp } from '../../portal-guards.ts';
import { showMethod, submitMethod } from './auth-method.pages.ts';
import { showCredentials } from './credentials.pages.ts';
import { showKeyAddress, submitKeyAddress } from './key-address.pages.ts';
import { showKeyEnd, showNewKey, submitKeyEnd, submitNewKey } from './keys.pages.ts';
import { submitLeakReport } from './leak-reports.pages.ts';
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
  const app = pagesOfApp(router, platform);
  app.get('/credentials', { may: 'read' }, showCredentials(platform));
  app.get('/credentials/secrets/new', { may: 'protect', recent: true }, showNewSecret);
  app.post('/credentials/secrets/new', { may: 'protect', recent: true }, submitNewSecret(platform));
  app.get('/credentials/secrets/:secret/rotation', { may: 'protect', recent: true }, showRotation(platform));
  app.post(
    '/credentials/secrets/:secret/rotation',
    { may: 'protect', recent: true },
    submitRotation(platform),
  );
  app.get('/credentials/secrets/:secret/ending', { may: 'protect', recent: true }, showSecretEnd(platform));
  app.post(
    '/credentials/secrets/:secret/ending',
    { may: 'protect', recent: true },
    submitSecretEnd(platform),
  );
  app.get('/credentials/keys/new', { may: 'protect', recent: true }, showNewKey);
  app.post('/credentials/keys/new', { may: 'protect', recent: true }, submitNewKey(platform));
  app.get('/credentials/keys/:key/ending', { may: 'protect', recent: true }, showKeyEnd(platform));
  app.post('/credentials/keys/:key/ending', { may: 'protect', recent: true }, submitKeyEnd(platform));
  app.get('/credentials/key-address', { may: 'protect', recent: true }, showKeyAddress);
  app.post('/credentials/key-address', { may: 'protect', recent: true }, submitKeyAddress(platform));
  app.get('/credentials/method', { may: 'protect', recent: true }, showMethod);
  app.post('/credentials/method', { may: 'protect', recent: true }, submitMethod(platform));
}

/** An API has secrets alone, to introspect its tokens with. */
function routeCredentialsOfApis(router: Router<RequestState>, platform: Platform): void {
  const api = pagesOfApi(router, platform);
  api.get('/credentials', { may: 'read' }, showCredentials(platform));
  api.get('/credentials/secrets/new', { may: 'protect', recent: true }, showNewSecret);
  api.post('/credentials/secrets/new', { may: 'protect', recent: true }, submitNewSecret(platform));
  api.get('/credentials/secrets/:secret/rotation', { may: 'protect', recent: true }, showRotation(platform));
  api.post(
    '/credentials/secrets/:secret/rotation',
    { may: 'protect', recent: true },
    submitRotation(platform),
  );
  api.get('/credentials/secrets/:secret/ending', { may: 'protect', recent: true }, showSecretEnd(platform));
  api.post(
    '/credentials/secrets/:secret/ending',
    { may: 'protect', recent: true },
    submitSecretEnd(platform),
  );
}
