import type Router from '@koa/router';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { pagesOfConsole } from '../console-guards.ts';
import { downloadEvents, showEvents } from './events.pages.ts';

/** What happened. Taking much of it away at once asks for a recent proof. */
export function routeEvents(router: Router<RequestState>, platform: Platform): void {
  const page = pagesOfConsole(router, platform);
  page.get('/admin/events', { may: 'events.read' }, showEvents(platform));
  page.get('/admin/events/export', { may: 'events.read', recent: true }, downloadEvents(platform));
}
