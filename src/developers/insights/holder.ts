import type { Context } from '../../platform/web/context.ts';
import type { Api } from '../apis/api.ts';
import { apiOf } from '../apis/require-api.ts';
import type { ClientView } from '../clients/client.ts';
import { appOf } from '../clients/require-app.ts';
import { memberOf } from '../organizations/require-member.ts';
import { organizationPath } from '../portal-page.ts';

/** Whose calls a page is about: an app's, or those of an API that introspects. */
export interface Holder {
  readonly clientId: string;
  /** Where its pages are. */
  readonly path: string;
  readonly app?: ClientView;
  readonly api?: Api;
}

export type HolderOf = (ctx: Context) => Holder;

/** Behind requireApp. */
export const ofApp: HolderOf = (ctx) => {
  const app = appOf(ctx);
  return { clientId: app.id, path: `${organizationPath(memberOf(ctx).organization.id)}/apps/${app.id}`, app };
};

/** Behind requireApi. */
export const ofApi: HolderOf = (ctx) => {
  const api = apiOf(ctx);
  const path = `${organizationPath(memberOf(ctx).organization.id)}/apis/${api.id}`;
  return { clientId: api.clientId, path, api };
};
