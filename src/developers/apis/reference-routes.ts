import type Router from '@koa/router';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { pagesOfApi, pagesOfOrganization } from '../portal-guards.ts';
import {
  showReference,
  showReferenceInstead,
  submitReference,
  submitReferenceRemoval,
} from './api-reference.pages.ts';
import { showListedReference } from './reference-listed.pages.ts';

/** The uploaded description of an API. */
export function routeReference(router: Router<RequestState>, platform: Platform): void {
  const organization = pagesOfOrganization(router, platform);
  const api = pagesOfApi(router, platform);
  api.get('/reference', { may: 'read' }, showReference(platform));
  api.post('/reference', { may: 'build' }, submitReference(platform));
  api.post('/reference/removal', { may: 'build' }, submitReferenceRemoval(platform));
  api.get('/reference/removal', { may: 'read' }, showReferenceInstead);
  organization.get('/catalogue/:listed/reference', { may: 'read' }, showListedReference(platform));
}
