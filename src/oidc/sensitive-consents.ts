import { findListedApis } from '../developers/apis/api-directory.ts';
import type { Platform } from '../platform/platform.ts';
import type { ConsentedScopes } from '../tokens/consents.ts';

/** Whether anything of this is sensitive at its API: then the whole consent ends within 90 days (decision record 0006). */
export async function holdsSensitive(
  platform: Platform,
  allowed: readonly ConsentedScopes[],
): Promise<boolean> {
  if (allowed.length === 0) return false;
  const apis = await findListedApis(
    platform,
    allowed.map(({ resource }) => resource),
  );
  return allowed.some(({ resource, scopes }) =>
    apis
      .get(resource)
      ?.scopes.some(({ name, sensitivity }) => sensitivity !== 'basic' && scopes.includes(name)),
  );
}
