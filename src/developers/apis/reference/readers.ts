import type { Platform } from '../../../platform/platform.ts';
import { UUID } from '../../../platform/ids.ts';
import { type Api, findApiById } from '../api.ts';
import { findInCatalogue } from '../../access/catalogue.ts';
import type { ReferenceDocument } from './document.ts';
import { findReference } from './reference.ts';

/**
 * The reference of somebody else's API, for an organization that may come by access to it or whose app has some.
 * undefined for every other, as where there is none.
 */
export async function findReadableReference(
  platform: Platform,
  organizationId: string,
  apiId: string,
): Promise<{ readonly api: Api; readonly document: ReferenceDocument } | undefined> {
  const api = UUID.test(apiId) ? await findApiById(platform, apiId) : undefined;
  if (!api?.approved) return undefined;
  const open = await findInCatalogue(platform, organizationId, apiId);
  if (!open && !(await hasAccess(platform, organizationId, apiId))) return undefined;
  const found = await findReference(platform, apiId);
  return found && { api, document: found.document };
}

async function hasAccess({ db, clock }: Platform, organizationId: string, apiId: string): Promise<boolean> {
  const now = clock.now();
  const [row] = await db.$queryRaw<{ held: boolean }[]>`
    SELECT EXISTS (SELECT FROM accesses x JOIN clients c ON c.id = x.client_id
                    WHERE x.api_id = ${apiId}::uuid AND c.organization_id = ${organizationId}::uuid
                      AND x.ended_at IS NULL AND (x.until IS NULL OR x.until > ${now})) AS held`;
  return row?.held ?? false;
}
