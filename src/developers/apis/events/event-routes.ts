import type Router from '@koa/router';
import type { Platform } from '../../../platform/platform.ts';
import type { RequestState } from '../../../platform/web/context.ts';
import { pagesOfApi } from '../../portal-guards.ts';
import { submitRepetition } from './deliveries.pages.ts';
import {
  showNewTarget,
  showTargets,
  showTargetsInstead,
  submitNewTarget,
  submitStop,
  submitTest,
} from './event-targets.pages.ts';
import {
  showSecretRotation,
  showTarget,
  showTargetRemoval,
  submitSecretRotation,
  submitTarget,
  submitTargetRemoval,
} from './target-changes.pages.ts';

/** Where an API is told of events. What changes where they go, or what signs them, asks for a proof. */
export function routeEvents(router: Router<RequestState>, platform: Platform): void {
  const api = pagesOfApi(router, platform);
  api.get('/events', { may: 'read' }, showTargets(platform));
  api.get('/events/new', { may: 'protect', recent: true }, showNewTarget);
  api.post('/events/new', { may: 'protect', recent: true }, submitNewTarget(platform));
  routeTargetChanges(router, platform);
  api.post('/events/targets/:target/tests', { may: 'protect' }, submitTest(platform));
  api.post('/events/targets/:target/stops', { may: 'protect' }, submitStop(platform));
  api.post('/events/deliveries/:delivery/repetitions', { may: 'protect' }, submitRepetition(platform));
  api.get('/events/{*rest}', { may: 'read' }, showTargetsInstead);
}

function routeTargetChanges(router: Router<RequestState>, platform: Platform): void {
  const api = pagesOfApi(router, platform);
  api.get('/events/targets/:target', { may: 'protect', recent: true }, showTarget(platform));
  api.post('/events/targets/:target', { may: 'protect', recent: true }, submitTarget(platform));
  api.get('/events/targets/:target/rotation', { may: 'protect', recent: true }, showSecretRotation(platform));
  api.post(
    '/events/targets/:target/rotation',
    { may: 'protect', recent: true },
    submitSecretRotation(platform),
  );
  api.get('/events/targets/:target/removal', { may: 'protect', recent: true }, showTargetRemoval(platform));
  api.post(
    '/events/targets/:target/removal',
    { may: 'protect', recent: true },
    submitTargetRemoval(platform),
  );
}
