import type Router from '@koa/router';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { pagesOfApp } from '../portal-guards.ts';
import { showStage, showStageInstead, submitStage, submitWithdrawal } from './stages.pages.ts';
import {
  changeInvitation,
  inviteTester,
  showTesters,
  showTestersInstead,
  submitRemoval,
} from './testers.pages.ts';
import { showVerification, submitVerification } from './verification.pages.ts';

/** Who may use an app, and what we say of it: testers, going live, verification. */
export function routeStages(router: Router<RequestState>, platform: Platform): void {
  const app = pagesOfApp(router, platform);
  app.get('/stage', { may: 'read' }, showStage(platform));
  app.post('/stage', { may: 'govern', recent: true }, submitStage(platform));
  app.post('/stage/withdrawal', { may: 'govern' }, submitWithdrawal(platform));
  app.get('/stage/withdrawal', { may: 'read' }, showStageInstead);
  app.get('/verification', { may: 'govern' }, showVerification(platform));
  app.post('/verification', { may: 'govern' }, submitVerification(platform));
  app.get('/testers', { may: 'read' }, showTesters(platform));
  app.post('/testers', { may: 'build' }, inviteTester(platform));
  app.post('/testers/:tester/removal', { may: 'build' }, submitRemoval(platform));
  app.post('/testers/invitations/:invitation', { may: 'build' }, changeInvitation(platform));
  app.get('/testers/{*rest}', { may: 'read' }, showTestersInstead);
}
