import { z } from 'zod';
import type { Platform } from '../../../platform/platform.ts';
import { defineSetting } from '../../../platform/settings.ts';
import { organizationPath } from '../../portal-page.ts';
import { API_CHECKS, type ApiCheckId } from './api-checks.ts';
import type { Check, Fault, Finding } from './check.ts';
import { CLIENT_CHECKS, type ClientCheckId } from './client-checks.ts';
import { loadApiFacts, loadClientFacts } from './facts.ts';

/** Conditions for going live: an operator names checks of apps, none by default. */
export const REQUIRED_CHECKS = defineSetting({
  name: 'checks.required',
  schema: z.array(z.enum(CLIENT_CHECKS.map(({ id }) => id) as [ClientCheckId, ...ClientCheckId[]])),
  fallback: [] as ClientCheckId[],
  about: 'Checks that an app must pass before it goes live, by their ids: see "gatehouse check list".',
});

/** What the checks have to say about an app now, problems first; nothing about an app that does not exist. */
export async function findingsOf(platform: Platform, clientId: string): Promise<Finding<ClientCheckId>[]> {
  const loaded = await loadClientFacts(platform, clientId);
  if (!loaded) return [];
  const home = organizationPath(loaded.organizationId);
  return judgeAll(CLIENT_CHECKS, loaded.facts, { home, own: `${home}/apps/${clientId}` });
}

/** Those of its findings that an operator made a condition for going live. */
export async function blockingFindings(
  platform: Platform,
  clientId: string,
): Promise<Finding<ClientCheckId>[]> {
  const required: readonly string[] = platform.settings.get(REQUIRED_CHECKS);
  if (required.length === 0) return [];
  return (await findingsOf(platform, clientId)).filter(({ check }) => required.includes(check));
}

/** What the checks have to say about an API (its id) now, problems first. */
export async function findingsOfApi(platform: Platform, apiId: string): Promise<Finding<ApiCheckId>[]> {
  const loaded = await loadApiFacts(platform, apiId);
  if (!loaded) return [];
  const home = organizationPath(loaded.organizationId);
  return judgeAll(API_CHECKS, loaded.facts, { home, own: `${home}/apis/${apiId}` });
}

interface Places {
  readonly home: string;
  readonly own: string;
}

/** Pure: every check of a catalogue on the same facts. */
export function judgeAll<Id extends ClientCheckId | ApiCheckId, Facts>(
  checks: readonly Check<Id, Facts>[],
  facts: Facts,
  places: Places,
): Finding<Id>[] {
  const findings = checks.flatMap((check) => {
    const fault = check.judge(facts);
    return fault ? [findingOf(check, fault, places)] : [];
  });
  return [...findings.filter(isProblem), ...findings.filter((finding) => !isProblem(finding))];
}

const isProblem = ({ kind }: Finding) => kind === 'problem';

function findingOf<Id extends ClientCheckId | ApiCheckId>(
  { id, kind, source }: Pick<Check<Id, never>, 'id' | 'kind' | 'source'>,
  { page, values }: Fault,
  { home, own }: Places,
): Finding<Id> {
  return {
    ...{ check: id, kind, source },
    title: { key: `checks.${id}-title`, values },
    why: { key: `checks.${id}-why`, values },
    fix: { key: `checks.${id}-fix`, values },
    href: page.startsWith('/') ? home + page : `${own}/${page}`,
  };
}
