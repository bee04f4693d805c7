import type Router from '@koa/router';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { pagesOfOrganization } from '../portal-guards.ts';
import {
  showHost,
  showHostInstead,
  showHosts,
  submitHost,
  submitHostRemoval,
  submitProof,
} from './hosts.pages.ts';

/** The hosts that an organization shows to be its own. */
export function routeHosts(router: Router<RequestState>, platform: Platform): void {
  const organization = pagesOfOrganization(router, platform);
  organization.get('/hosts', { may: 'read' }, showHosts(platform));
  organization.post('/hosts', { may: 'build' }, submitHost(platform));
  organization.get('/hosts/:host', { may: 'read' }, showHost(platform));
  organization.post('/hosts/:host/proofs', { may: 'build' }, submitProof(platform));
  organization.post('/hosts/:host/removal', { may: 'govern' }, submitHostRemoval(platform));
  organization.get('/hosts/:host/:button', { may: 'read' }, showHostInstead);
}
