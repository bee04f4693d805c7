import type { Platform } from '../../../platform/platform.ts';
import { byReach } from '../api-directory.ts';
import type { ApiScope } from './scopes.ts';

/** The scopes of an API that are not deprecated, what does least first. */
export async function scopesOfApi({ db }: Platform, apiId: string): Promise<ApiScope[]> {
  const rows = await db.scope.findMany({ where: { apiId, deprecatedAt: null }, orderBy: { name: 'asc' } });
  return byReach(rows as unknown as ApiScope[]);
}
