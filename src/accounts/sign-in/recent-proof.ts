import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { requireRecent } from './require-session.ts';

/**
 * Of whom a page demands that they have proven within ten minutes who they are (requireRecent).
 * - `true`: of everybody; they come back to this very page.
 * - `{ backTo }`: of everybody; they come back to the page with the form, where this one has none.
 * - `{ of }`: of those who may fill in the form that this page shows, so that nothing they type is lost on the way when
 *   its POST asks for the proof. Others only read, and are not asked.
 */
export type RecentProof<Permission extends string = never> =
  | true
  | { readonly backTo: `/${string}` }
  | { readonly of: Permission };

/** The guard of that, if any. `backTo` is below `base`; `may` tells whether the visitor has a permission. */
export function recentGuard<Permission extends string>(
  platform: Platform,
  recent: RecentProof<Permission> | false | undefined,
  { base = '', may }: { base?: string; may: (ctx: Context, permission: Permission) => boolean },
): Handler[] {
  if (!recent) return [];
  if (recent === true) return [requireRecent(platform)];
  if ('backTo' in recent) return [requireRecent(platform, base + recent.backTo)];
  const guard = requireRecent(platform);
  return [(ctx, next) => (may(ctx, recent.of) ? guard(ctx, next) : next())];
}
