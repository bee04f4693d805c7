import type Router from '@koa/router';
import { requireRecent, requireSession } from '../../accounts/sign-in/require-session.ts';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { sameOriginOnly } from '../../platform/web/csrf.ts';
import { formsStayHere } from '../../platform/web/security-headers.ts';
import { requireRecentOfThoseWho } from '../recent-operator.ts';
import { requireOperator } from '../require-operator.ts';
import { showApiReview, submitApiDecision } from './api-review.pages.ts';
import { showReview, showWaitingLogo, submitDecision } from './review.pages.ts';
import { showReviews } from './reviews.pages.ts';

/** What waits for a decision: apps that go live or change, publishers, identifiers of APIs. */
export function routeReviews(router: Router<RequestState>, platform: Platform): void {
  router.get(
    '/admin/reviews',
    requireSession(platform),
    requireOperator(platform, 'reviews.read'),
    formsStayHere,
    showReviews(platform),
  );
  router.get(
    '/admin/reviews/apis/:api',
    requireSession(platform),
    requireOperator(platform, 'reviews.read'),
    requireRecentOfThoseWho('reviews.decide', platform),
    formsStayHere,
    showApiReview(platform),
  );
  router.post(
    '/admin/reviews/apis/:api',
    sameOriginOnly,
    requireSession(platform),
    requireOperator(platform, 'reviews.decide'),
    requireRecent(platform, '/admin/reviews/apis/:api'),
    formsStayHere,
    submitApiDecision(platform),
  );
  router.get(
    '/admin/reviews/:review',
    requireSession(platform),
    requireOperator(platform, 'reviews.read'),
    requireRecentOfThoseWho('reviews.decide', platform),
    formsStayHere,
    showReview(platform),
  );
  router.post(
    '/admin/reviews/:review',
    sameOriginOnly,
    requireSession(platform),
    requireOperator(platform, 'reviews.decide'),
    requireRecent(platform, '/admin/reviews/:review'),
    formsStayHere,
    submitDecision(platform),
  );
  router.get(
    '/admin/reviews/:review/logo',
    requireSession(platform),
    requireOperator(platform, 'reviews.read'),
    showWaitingLogo(platform),
  );
}
