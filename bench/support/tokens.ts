import { type Answer, type Connections, jsonOf, type Place } from './http.ts';
import { authorizationCode } from './people.ts';
import { exchangeCall, introspectionCall, type Party, type Target } from './target.ts';

export interface Tokens {
  readonly access: string;
  readonly refresh: string;
}

/** The tokens of a successful answer; undefined for any other. */
export function tokensIn(answer: Answer): Tokens | undefined {
  const { access_token: access, refresh_token: refresh } = jsonOf(answer);
  if (answer.status !== 200 || typeof access !== 'string' || typeof refresh !== 'string') return undefined;
  return { access, refresh };
}

/** A new grant for the signed-in person: authorize, then exchange. */
export async function newTokens(
  connections: Connections,
  cookie: string,
  target: Target,
  client: Party,
): Promise<Tokens> {
  const code = await authorizationCode(connections, cookie, target, client);
  const answer = await connections.send(exchangeCall(target, client, code));
  const tokens = tokensIn(answer);
  if (!tokens) throw new Error(`a fresh code was not exchanged: ${answer.status} ${answer.text}`);
  return tokens;
}

/** Whether an API or app sees the token as active. */
export async function isActive(
  connections: Connections,
  caller: Party,
  token: string,
  place?: Place,
): Promise<boolean> {
  const answer = await connections.send(introspectionCall(caller, token), place);
  if (answer.status !== 200) throw new Error(`introspection answered ${answer.status} ${answer.text}`);
  return jsonOf(answer).active === true;
}

/** Makes `count` of something with at most eight under way. */
export async function many<T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  let next = 0;
  const work = async () => {
    while (next < count) {
      const index = next++;
      made[index] = await make(index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(8, count) }, work));
  return made;
}

/**
 * Milliseconds until no server sees the token as active any more; undefined when one still does after a second.
 * Asks as the API or app that may know.
 */
export async function endOf(
  connections: Connections,
  places: readonly Place[],
  caller: Party,
  token: string,
): Promise<number | undefined> {
  const began = performance.now();
  for (;;) {
    const asked = performance.now();
    const seen = await Promise.all(places.map((place) => isActive(connections, caller, token, place)));
    if (!seen.includes(true)) return Math.round(asked - began);
    if (asked - began > 1_000) return undefined;
  }
}
