import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { normalizeIdentifier, storedSpellings } from '../apis/identifier.ts';
import { firstUnknownScope, scopeHolders, shownScope } from '../apis/scopes/known-scopes.ts';
import { IDENTITY_SCOPES, MOST_SCOPES } from '../apis/scopes/scopes.ts';
import type { AppType } from './app-types.ts';

export interface RequestedScopes {
  readonly organizationId: string;
  readonly type: AppType;
  readonly scopes: readonly string[];
  readonly resources: readonly string[];
}

export interface SettledScopes {
  readonly ok: true;
  readonly registered: {
    readonly scopes: string[];
    /** Identifiers as stored; the first is the API meant where a request names none. */
    readonly resources: string[];
  };
}

const MOST_RESOURCES = 20;

/** Checks that every API and scope an app registers exists, and finds the API meant where none is named. */
export async function settleScopes(
  platform: Platform,
  { organizationId, type, ...asked }: RequestedScopes,
): Promise<SettledScopes | Refused<'scope' | 'resource'>> {
  const scopes = [...new Set(asked.scopes)];
  if (scopes.length > MOST_SCOPES) return refused('scope', `An app has at most ${MOST_SCOPES} scopes.`);
  const personal = scopes.find((name) => IDENTITY_SCOPES.has(name));
  if (type === 'machine' && personal !== undefined) {
    return refused(
      'scope',
      `${personal} is about a person, but a machine app signs nobody in. Leave it out.`,
    );
  }
  const ofApis = scopes.filter((name) => !IDENTITY_SCOPES.has(name));
  const resources = await knownResources(platform, asked.resources);
  if (!Array.isArray(resources)) return resources;
  if (resources.length === 0) return settleByScopes(platform, organizationId, scopes, ofApis);

  const unknown = await firstUnknownScope(platform, ofApis, resources);
  if (unknown === undefined) return { ok: true, registered: { scopes, resources } };
  return refused('scope', `None of the named APIs has the scope ${unknown}. Check its spelling.`);
}

async function knownResources(
  { db }: Platform,
  asked: readonly string[],
): Promise<string[] | Refused<'resource'>> {
  if (asked.length > MOST_RESOURCES) {
    return refused('resource', `An app names at most ${MOST_RESOURCES} APIs.`);
  }
  const identifiers = new Set<string>();
  for (const raw of asked) {
    const normalized = normalizeIdentifier(raw);
    if (!normalized.ok) return refused('resource', normalized.sentence);
    identifiers.add(normalized.identifier);
  }
  const known = await db.api.findMany({
    where: { identifier: { in: [...identifiers].flatMap(storedSpellings) } },
    select: { identifier: true },
  });
  const resources: string[] = [];
  for (const identifier of identifiers) {
    const stored = storedSpellings(identifier).find((one) => known.some((api) => api.identifier === one));
    if (stored === undefined) return refused('resource', `No API has the identifier ${identifier}.`);
    resources.push(stored);
  }
  return resources;
}

/** No API is named: the organization's own come first, and if one API has all the scopes, that API is meant. */
async function settleByScopes(
  platform: Platform,
  organizationId: string,
  scopes: string[],
  ofApis: readonly string[],
): Promise<SettledScopes | Refused<'scope'>> {
  const own = await scopeHolders(platform, ofApis, { organizationId });
  const elsewhere = ofApis.filter((name) => !own.has(name));
  const others = await scopeHolders(platform, elsewhere, { NOT: { organizationId } });
  let meant: string[] | undefined;
  for (const name of ofApis) {
    const holders = own.get(name) ?? others.get(name);
    if (!holders) return refused('scope', `No API has the scope ${shownScope(name)}. Check its spelling.`);
    meant = meant ? meant.filter((identifier) => holders.includes(identifier)) : holders;
  }
  return { ok: true, registered: { scopes, resources: meant?.length === 1 ? meant : [] } };
}
