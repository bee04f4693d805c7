import type Router from '@koa/router';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { pagesOfOrganization } from '../portal-guards.ts';
import {
  showDeletion,
  showLeaving,
  showSettings,
  showTransfer,
  submitDeletion,
  submitLeaving,
  submitSettings,
  submitTransfer,
} from './settings.pages.ts';

/** The name of an organization, and the ways out of it. */
export function routeSettings(router: Router<RequestState>, platform: Platform): void {
  const organization = pagesOfOrganization(router, platform);
  organization.get('/settings', { may: 'read' }, showSettings);
  organization.post('/settings', { may: 'govern', recent: true }, submitSettings(platform));
  organization.get('/settings/transfer', { may: 'govern' }, showTransfer);
  organization.post('/settings/transfer', { may: 'govern', recent: true }, submitTransfer(platform));
  organization.get('/settings/leaving', { may: 'read' }, showLeaving);
  organization.post('/settings/leaving', { may: 'read', recent: true }, submitLeaving(platform));
  organization.get('/settings/deletion', { may: 'govern' }, showDeletion);
  organization.post('/settings/deletion', { may: 'govern', recent: true }, submitDeletion(platform));
}
