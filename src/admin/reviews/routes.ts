import type Router from '@koa/router';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { pagesOfConsole } from '../console-guards.ts';
import { showApiReview, submitApiDecision } from './api-review.pages.ts';
import { showReview, showWaitingLogo, submitDecision } from './review.pages.ts';
import { showReviews } from './reviews.pages.ts';

/** What waits for a decision: apps that go live or change, publishers, identifiers of APIs. */
export function routeReviews(router: Router<RequestState>, platform: Platform): void {
  const page = pagesOfConsole(router, platform);
  page.get('/admin/reviews', { may: 'reviews.read' }, showReviews(platform));
  page.get(
    '/admin/reviews/apis/:api',
    { may: 'reviews.read', recent: { of: 'reviews.decide' } },
    showApiReview(platform),
  );
  page.post('/admin/reviews/apis/:api', { may: 'reviews.decide', recent: true }, submitApiDecision(platform));
  page.get(
    '/admin/reviews/:review',
    { may: 'reviews.read', recent: { of: 'reviews.decide' } },
    showReview(platform),
  );
  page.post('/admin/reviews/:review', { may: 'reviews.decide', recent: true }, submitDecision(platform));
  page.get('/admin/reviews/:review/logo', { may: 'reviews.read' }, showWaitingLogo(platform));
}
