import type { AccessInputs } from './access-inputs.ts';

export type AccessDecision =
  | { readonly allowed: true; readonly scopes: string[]; readonly api: AccessInputs['api'] }
  | {
      readonly allowed: false;
      readonly reason: AccessRefusal;
      readonly scope?: string;
      readonly sentence: string;
    };

export type AccessRefusal =
  | 'unknown-api'
  | 'client-suspended'
  | 'no-access'
  | 'access-ended'
  | 'scope-unknown'
  | 'scope-not-registered'
  | 'scope-not-granted';

/**
 * What a client may ask for at an API (decision 10): everything where its own organization owns the API, elsewhere
 * what live accesses hold; and where it registered scopes of this API, those alone. `requested` holds API scopes only;
 * undefined asks for all it may have. A refusal is the first reason, in a sentence for developers (ASCII, RFC 6749 §5.2).
 */
export function decideAccess(
  inputs: AccessInputs | undefined,
  requested: readonly string[] | undefined,
  now: Date,
): AccessDecision {
  if (!inputs) {
    return refuse('unknown-api', 'No API has this identifier. Compare the resource parameter with it.');
  }
  if (inputs.client.suspended) {
    return refuse(
      'client-suspended',
      'This app is suspended. Ask the operator of this service for the reason.',
    );
  }
  const granted = grantedScopes(inputs, now);
  if (!granted) return refuseWithoutAccess(inputs);

  const { api, client } = inputs;
  const names = api.scopes.map(({ name }) => name);
  const registered = names.filter((name) => client.registeredScopes.includes(name));
  const reach: Reach = { granted, askable: new Set(registered.length > 0 ? registered : names) };
  if (requested === undefined) {
    const scopes = names.filter((name) => reach.askable.has(name) && granted.has(name));
    return { allowed: true, scopes, api };
  }
  const refusals = requested.map((name) => refuseScope(inputs, name, reach));
  return refusals.find((refusal) => refusal) ?? { allowed: true, scopes: [...new Set(requested)], api };
}

interface Reach {
  /** By the organization or by a live access. */
  readonly granted: ReadonlySet<string>;
  /** By what the client registered. */
  readonly askable: ReadonlySet<string>;
}

/** What may be had before the client's own registration narrows it; undefined where no access is live. */
function grantedScopes({ client, api, accesses }: AccessInputs, now: Date): ReadonlySet<string> | undefined {
  if (client.organizationId === api.organizationId) return new Set(api.scopes.map(({ name }) => name));
  const live = accesses.filter(({ until }) => until === null || until > now);
  return live.length > 0 ? new Set(live.flatMap(({ scopes }) => scopes)) : undefined;
}

function refuseWithoutAccess({ api, accesses }: AccessInputs): AccessDecision {
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

function refuseScope(
  { api, accesses }: AccessInputs,
  name: string,
  reach: Reach,
): AccessDecision | undefined {
  const scope = `the scope ${repeatable(name)}`;
  if (!api.scopes.some((known) => known.name === name)) {
    return refuse('scope-unknown', `${api.identifier} does not have ${scope}. Check its spelling.`, name);
  }
  if (!reach.askable.has(name)) {
    const sentence = `This app did not register ${scope} of ${api.identifier}. Register it for the app first.`;
    return refuse('scope-not-registered', sentence, name);
  }
  if (reach.granted.has(name)) return undefined;
  if (accesses.some(({ scopes }) => scopes.includes(name))) {
    const sentence = `Access to ${scope} of ${api.identifier} has ended. Ask the owner of the API to renew it.`;
    return refuse('access-ended', sentence, name);
  }
  const sentence = `This app was not given ${scope} of ${api.identifier}. Ask the owner of the API to add it.`;
  return refuse('scope-not-granted', sentence, name);
}

function refuse(reason: AccessRefusal, sentence: string, scope?: string): AccessDecision {
  return { allowed: false, reason, sentence, ...(scope === undefined ? {} : { scope }) };
}

/** A requested name as it may stand in a sentence and an error_description: scope-token characters, not too long. */
function repeatable(name: string): string {
  return /^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/.test(name) ? name : 'that was asked for';
}
