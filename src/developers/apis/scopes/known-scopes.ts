import type { Platform } from '../../../platform/platform.ts';
import { SCOPE_NAME } from './scopes.ts';

/** The first of these scope names that none of the APIs (normalized identifiers) has, fit to stand in a sentence. */
export async function firstUnknownScope(
  platform: Platform,
  names: readonly string[],
  identifiers: readonly string[],
): Promise<string | undefined> {
  const holders = await scopeHolders(platform, names, { identifier: { in: [...identifiers] } });
  const unknown = names.find((name) => !holders.has(name));
  return unknown === undefined ? undefined : shownScope(unknown);
}

/** Which of the APIs meant have a scope of each name: identifiers by name, names nobody has left out. */
export async function scopeHolders(
  { db }: Platform,
  names: readonly string[],
  api: { identifier: { in: string[] } } | { organizationId: string } | { NOT: { organizationId: string } },
): Promise<Map<string, string[]>> {
  const holders = new Map<string, string[]>();
  const possible = names.filter((name) => SCOPE_NAME.test(name));
  if (possible.length === 0) return holders;
  const found = await db.scope.findMany({
    where: { name: { in: possible }, api },
    select: { name: true, api: { select: { identifier: true } } },
  });
  for (const { name, api } of found) {
    if (api.identifier !== null) holders.set(name, [...(holders.get(name) ?? []), api.identifier]);
  }
  return holders;
}

/** Anything may have been given as a scope; only what could be one is repeated. */
export function shownScope(name: string): string {
  return SCOPE_NAME.test(name) ? name : 'that was given';
}
