import type Router from '@koa/router';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { pagesOfApi } from '../portal-guards.ts';
import {
  showApiDeletion,
  showApiSettings,
  submitApiDeletion,
  submitApiSettings,
} from './api-settings.pages.ts';

/** What an API is called, how its tokens are, and its end. */
export function routeApiSettings(router: Router<RequestState>, platform: Platform): void {
  const api = pagesOfApi(router, platform);
  api.get('/settings', { may: 'read' }, showApiSettings);
  api.post('/settings', { may: 'build' }, submitApiSettings(platform));
  api.get('/deletion', { may: 'govern', recent: true }, showApiDeletion);
  api.post('/deletion', { may: 'govern', recent: true }, submitApiDeletion(platform));
}
