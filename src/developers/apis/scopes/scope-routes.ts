import type Router from '@koa/router';
import type { Platform } from '../../../platform/platform.ts';
import type { RequestState } from '../../../platform/web/context.ts';
import { pagesOfApi } from '../../portal-guards.ts';
import { showScope, showScopes, submitScope } from './scope-editor.pages.ts';
import { showScopeRemoval, submitScopeRemoval } from './scope-removal.pages.ts';

/** What an API lets apps do. */
export function routeScopes(router: Router<RequestState>, platform: Platform): void {
  const api = pagesOfApi(router, platform);
  api.get('/scopes', { may: 'read' }, showScopes(platform));
  api.get('/scopes/new', { may: 'build' }, showScope(platform));
  api.post('/scopes/new', { may: 'build' }, submitScope(platform));
  api.get('/scopes/by-name/:scope', { may: 'build' }, showScope(platform));
  api.post('/scopes/by-name/:scope', { may: 'build' }, submitScope(platform));
  api.get('/scopes/by-name/:scope/removal', { may: 'govern' }, showScopeRemoval(platform));
  api.post('/scopes/by-name/:scope/removal', { may: 'govern' }, submitScopeRemoval(platform));
}
