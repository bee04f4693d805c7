import type { AccessInputs, AccessScope } from './access-inputs.ts';
import { sharesOf, suspensionOfAll, suspensionOfWrites } from './access-suspensions.ts';
import {
  isOwnApi,
  largestCap,
  liveAccesses,
  obstacleTo,
  type ScopeObstacle,
  unended,
} from './access-standing.ts';

export type AccessDecision =
  | {
      readonly allowed: true;
      readonly scopes: string[];
      readonly api: AccessInputs['api'];
      /** Distinct people a day (UTC) that the app may reach there; null has no limit. */
      readonly peoplePerDay: number | null;
      /** Calls a minute that the app may make there, before a share of it is taken; null has no limit. */
      readonly requestsPerMinute: number | null;
      /** Of its usual rate, what a suspension that slows or probes it leaves: 1 all of it. */
      readonly share: number;
      /** The same for calls that need more than a read scope: at most `share`. */
      readonly writeShare: number;
    }
  | {
      readonly allowed: false;
      readonly reason: AccessRefusal;
      readonly scope?: string;
      readonly sentence: string;
    };

export type AccessRefusal =
  | 'unknown-api'
  | 'client-suspended'
  | 'access-suspended'
  | 'writes-suspended'
  | 'other-trust-domain'
  | 'no-access'
  | 'access-ended'
  | 'terms-not-accepted'
  | 'scope-unknown'
  | 'scope-not-registered'
  | 'scope-not-granted'
  | 'publisher-not-verified'
  | 'approval-missing';

/**
 * What a client may ask for at an API (decision 10): nothing across trust domains, everything where its own organization
 * owns the API, elsewhere what live accesses hold and the sensitivity of each scope lets them give; and where it
 * registered scopes of this API, those alone. `requested` holds API scopes only; undefined asks for all it may have.
 * A refusal is the first reason, in a sentence for developers (ASCII, RFC 6749 §5.2).
 */
export function decideAccess(
  inputs: AccessInputs | undefined,
  requested: readonly string[] | undefined,
  now: Date,
): AccessDecision {
  if (!inputs) {
    return refuse('unknown-api', 'No API has this identifier. Compare the resource parameter with it.');
  }
  const refusal = refuseOutright(inputs, now) ?? refuseWithoutAccess(inputs, now);
  if (refusal) return refusal;

  const { api, client } = inputs;
  const names = api.scopes.map(({ name }) => name);
  const registered = names.filter((name) => client.registeredScopes.includes(name));
  const askable = new Set(registered.length > 0 ? registered : names);
  const limits = { ...capsOf(inputs, now), ...sharesOf(inputs, now) };
  if (requested === undefined) {
    const scopes = names.filter((name) => askable.has(name) && !refuseScope(inputs, name, askable, now));
    return { allowed: true, scopes, api, ...limits };
  }
  const refusals = requested.map((name) => refuseScope(inputs, name, askable, now));
  const scopes = [...new Set(requested)];
  return refusals.find((one) => one) ?? { allowed: true, scopes, api, ...limits };
}

/** For reasons that no access can outweigh. */
function refuseOutright(inputs: AccessInputs, now: Date): AccessDecision | undefined {
  const { client, api } = inputs;
  if (client.suspended) {
    return refuse(
      'client-suspended',
      'This app is suspended. Ask the operator of this service for the reason.',
    );
  }
  const suspended = suspensionOfAll(inputs, now);
  if (suspended) return refuse(suspended.reason, suspended.sentence);
  if (client.trustDomainId === api.trustDomainId) return undefined;
  return refuse(
    'other-trust-domain',
    `This app and ${api.identifier} are of different trust domains. Register an app in the trust domain of the API.`,
  );
}

function refuseWithoutAccess(inputs: AccessInputs, now: Date): AccessDecision | undefined {
  if (isOwnApi(inputs) || liveAccesses(inputs, now).length > 0) return undefined;
  const { api, accesses } = inputs;
  if (unended(accesses, now).length > 0) return refuseForTerms(inputs);
  const ends = accesses.flatMap(({ until }) => (until === null ? [] : [until.getTime()]));
  if (ends.length === 0) {
    return refuse(
      'no-access',
      `This app has no access to ${api.identifier}. Ask the owner of the API for it.`,
    );
  }
  const end = new Date(Math.max(...ends)).toISOString();
  return refuse(
    'access-ended',
    `Access to ${api.identifier} ended at ${end}. Ask the owner of the API to renew it.`,
  );
}

function refuseForTerms({ api }: AccessInputs, scope?: string): AccessDecision {
  const sentence = `${api.identifier} has new terms, which this app has not accepted. Accept version ${api.termsVersion} for it in the portal.`;
  return refuse('terms-not-accepted', sentence, scope);
}

function refuseScope(
  inputs: AccessInputs,
  name: string,
  askable: ReadonlySet<string>,
  now: Date,
): AccessDecision | undefined {
  const { identifier, scopes } = inputs.api;
  const words = `the scope ${repeatable(name)}`;
  const scope = scopes.find((known) => known.name === name);
  if (!scope) {
    return refuse('scope-unknown', `${identifier} does not have ${words}. Check its spelling.`, name);
  }
  if (!askable.has(name)) {
    const sentence = `This app did not register ${words} of ${identifier}. Register it for the app first.`;
    return refuse('scope-not-registered', sentence, name);
  }
  const paused = scope.kind === 'read' ? undefined : suspensionOfWrites(inputs, now);
  if (paused) return refuse('writes-suspended', paused, name);
  return isOwnApi(inputs) ? undefined : refuseScopeElsewhere(inputs, scope, now);
}

/** At an API of another organization, one access that gives the scope is enough; else the first obstacle is the reason. */
function refuseScopeElsewhere(
  inputs: AccessInputs,
  scope: AccessScope,
  now: Date,
): AccessDecision | undefined {
  const { name } = scope;
  const words = `the scope ${name} of ${inputs.api.identifier}`;
  const naming = (access: { readonly scopes: readonly string[] }) => access.scopes.includes(name);
  const obstacles = liveAccesses(inputs, now)
    .filter(naming)
    .map((access) => obstacleTo(inputs, access, scope, now));
  if (obstacles.includes(undefined)) return undefined;
  const [obstacle] = obstacles;
  if (obstacle) return refuse(obstacle, OBSTACLES[obstacle](words), name);
  if (unended(inputs.accesses, now).some(naming)) return refuseForTerms(inputs, name);
  if (inputs.accesses.some(naming)) return refuse('access-ended', OBSTACLES['access-ended'](words), name);
  return refuse(
    'scope-not-granted',
    `This app was not given ${words}. Ask the owner of the API to add it.`,
    name,
  );
}

const OBSTACLES: Readonly<Record<ScopeObstacle, (scope: string) => string>> = {
  'publisher-not-verified': (scope) =>
    `Only an app of a verified publisher may use ${scope}. Have the publisher of this app verified.`,
  'approval-missing': (scope) =>
    `Only an app that was approved may use ${scope}. Ask the owner of the API to approve it.`,
  'access-ended': (scope) => `Access to ${scope} has ended. Ask the owner of the API to renew it.`,
};

function capsOf(inputs: AccessInputs, now: Date) {
  if (isOwnApi(inputs)) return { peoplePerDay: null, requestsPerMinute: null };
  const accesses = liveAccesses(inputs, now);
  return {
    peoplePerDay: largestCap(accesses.map(({ peoplePerDay }) => peoplePerDay)),
    requestsPerMinute: largestCap(accesses.map(({ requestsPerMinute }) => requestsPerMinute)),
  };
}

function refuse(reason: AccessRefusal, sentence: string, scope?: string): AccessDecision {
  return { allowed: false, reason, sentence, ...(scope === undefined ? {} : { scope }) };
}

/** A requested name as it may stand in a sentence and an error_description: scope-token characters, not too long. */
function repeatable(name: string): string {
  return /^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/.test(name) ? name : 'that was asked for';
}
