import { unlinked } from '../../platform/mail/unlinked.ts';
import type { Platform } from '../../platform/platform.ts';
import type { ClientView } from '../clients/client.ts';
import { tellOwners } from '../notices.ts';
import { organizationPath } from '../portal-page.ts';
import type { Api } from '../apis/api.ts';

/** What happened to the access of an app to an API. */
export type AccessNews =
  | 'asked'
  | 'approved'
  | 'refused'
  | 'given'
  | 'changed'
  | 'ended'
  | 'redeemed'
  | 'sponsored';

const TEXTS = {
  asked: 'developer-letters.access-asked',
  approved: 'developer-letters.access-approved',
  refused: 'developer-letters.access-refused',
  given: 'developer-letters.access-given',
  changed: 'developer-letters.access-changed',
  ended: 'developer-letters.access-ended',
  redeemed: 'developer-letters.access-redeemed',
  sponsored: 'developer-letters.access-sponsored',
} as const satisfies Record<AccessNews, string>;

/** Both sides of an access, with their names. */
export interface Sides {
  readonly client: Pick<ClientView, 'id' | 'name' | 'organizationId' | 'organizationName'>;
  readonly api: Pick<Api, 'id' | 'name' | 'organizationId'>;
}

/** Tells the owners of the app. What others wrote in their own words stays on the page that the letter leads to. */
export async function tellAppOwners(tx: Platform, news: AccessNews, sides: Sides): Promise<void> {
  const { id, organizationId } = sides.client;
  await tell(tx, news, sides, organizationId, `/apps/${id}/access`);
}

/** Tells the owners of the API. `page` of the API is where they find it. */
export async function tellApiOwners(
  tx: Platform,
  news: AccessNews,
  sides: Sides,
  page: 'accesses' | 'access-requests',
): Promise<void> {
  const { id, organizationId } = sides.api;
  await tell(tx, news, sides, organizationId, `/apis/${id}/${page}`);
}

async function tell(
  tx: Platform,
  news: AccessNews,
  { client, api }: Sides,
  readers: string,
  page: string,
): Promise<void> {
  const names = { app: unlinked(client.name), organization: unlinked(client.organizationName) };
  const what = { key: TEXTS[news], values: { ...names, api: unlinked(api.name) } };
  const address = tx.config.issuer + organizationPath(readers) + page;
  const data = { api: unlinked(api.name), what, address };
  await tellOwners(tx, readers, { letter: 'access-news', data });
}
