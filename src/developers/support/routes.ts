import type Router from '@koa/router';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { publicRoute } from '../../platform/web/guards.ts';
import { formsStayHere } from '../../platform/web/security-headers.ts';
import { speakToDevelopers } from '../portal-language.ts';
import { listDocs, showDoc } from './docs.pages.ts';

/** The documentation: for everybody, with the ids of the reader's own apps where somebody is signed in. */
export function routeSupport(router: Router<RequestState>, platform: Platform): void {
  router.use('/docs', speakToDevelopers);
  router.get('/docs', publicRoute, formsStayHere, showDoc(platform));
  router.get('/docs/llms.txt', publicRoute, listDocs(platform));
  router.get('/docs/{*page}', publicRoute, formsStayHere, showDoc(platform));
}
