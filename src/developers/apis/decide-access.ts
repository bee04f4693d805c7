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
  if (!inputs)
    return refuse(
      'unknown-api',
      'No API has this identifier. Check the resource parameter letter by letter.',
    );
  const { client, api } = inputs;
  if (client.suspended) {
    return refuse(
      'client-suspended',
      'This app is suspended. Ask the operator of this service why and for how long.',
    );
  }
  const reach = reachOf(inputs, now);
  if (reach.kind === 'none') return noAccess(inputs);

  const registered = api.scopes
    .filter(({ name }) => client.registeredScopes.includes(name))
    .map(({ name }) => name);
  const mayAsk = (name: string) => registered.length === 0 || registered.includes(name);
  if (requested === undefined) {
    const scopes = api.scopes
      .map(({ name }) => name)
      .filter((name) => mayAsk(name) && reach.scopes.has(name));
    return { allowed: true, scopes, api };
  }
  for (const name of requested) {
    const refusal = refuseScope(inputs, name, mayAsk(name), reach.scopes);
    if (refusal) return refusal;
  }
  return { allowed: true, scopes: [...new Set(requested)], api };
}

/** The scopes within reach before the client's own registration narrows them; `none` where no access is live. */
function reachOf(
  { client, api, accesses }: AccessInputs,
  now: Date,
): { kind: 'some' | 'none'; scopes: Set<string> } {
  if (client.organizationId === api.organizationId) {
    return { kind: 'some', scopes: new Set(api.scopes.map(({ name }) => name)) };
  }
  const live = accesses.filter(({ until }) => until === null || until > now);
  return { kind: live.length === 0 ? 'none' : 'some', scopes: new Set(live.flatMap(({ scopes }) => scopes)) };
}

function noAccess({ api, accesses }: AccessInputs): AccessDecision {
  const ends = accesses.flatMap(({ until }) => (until === null ? [] : [until.getTime()]));
  if (ends.length === 0) {
    return refuse(
      'no-access',
      `This app has no access to ${api.identifier}. Ask the owner of the API to grant it.`,
    );
  }
  const end = new Date(Math.max(...ends)).toISOString();
  return refuse(
    'access-ended',
    `The access of this app to ${api.identifier} ended at ${end}. Ask the owner of the API to renew it.`,
  );
}

function refuseScope(
  { api, accesses }: AccessInputs,
  name: string,
  registered: boolean,
  reach: ReadonlySet<string>,
): AccessDecision | undefined {
  const shown = repeatable(name);
  if (!api.scopes.some((scope) => scope.name === name)) {
    return refuse(
      'scope-unknown',
      `${api.identifier} has no scope named ${shown}. Check its spelling in the API's documentation.`,
      name,
    );
  }
  if (!registered) {
    return refuse(
      'scope-not-registered',
      `This app did not register the scope ${shown} of ${api.identifier}. Register it for the app first.`,
      name,
    );
  }
  if (reach.has(name)) return undefined;
  if (accesses.some(({ scopes }) => scopes.includes(name))) {
    return refuse(
      'access-ended',
      `The access of this app to the scope ${shown} of ${api.identifier} has ended. Ask the owner of the API to renew it.`,
      name,
    );
  }
  return refuse(
    'scope-not-granted',
    `The access of this app to ${api.identifier} does not include the scope ${shown}. Ask the owner of the API to add it.`,
    name,
  );
}

function refuse(reason: AccessRefusal, sentence: string, scope?: string): AccessDecision {
  return { allowed: false, reason, sentence, ...(scope === undefined ? {} : { scope }) };
}

/** A requested name as it may stand in a sentence and an error_description: scope-token characters, not too long. */
function repeatable(name: string): string {
  return /^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/.test(name) ? name : 'given in the request';
}
