import { type DrillGround, type Observation, runDrill, TRIES } from '../support/drill.ts';
import { jsonOf } from '../support/http.ts';
import { digestOf } from '../../src/platform/crypto/secrets.ts';
import { refreshCall } from '../support/target.ts';
import { endOf, newTokens, type Tokens, tokensIn } from '../support/tokens.ts';

/**
 * One rotating refresh token, used many times at once: every 200 carries the same successor and one row exists.
 * After the successor's first use the old token is a theft: presenting it ends the family within a second.
 */
await runDrill({
  name: 'rotating refresh token',
  rounds: 200,
  async prepare(ground) {
    return () => oneFamily(ground);
  },
});

async function oneFamily(ground: DrillGround): Promise<Observation> {
  const { target, connections, cookie, volley } = ground;
  const { browserApp } = target;
  const violations: string[] = [];
  const first = await newTokens(connections, cookie, target, browserApp);
  const answers = await volley(Array.from({ length: TRIES }, () => refreshCall(browserApp, first.refresh)));
  const issued = answers.flatMap((answer) => tokensIn(answer) ?? []);
  const successors = new Set(issued.map(({ refresh }) => refresh));
  if (issued.length === 0) violations.push('nobody got a successor');
  if (successors.size > 1) violations.push(`${successors.size} different successors`);
  const rows = await successorRows(ground, first.refresh);
  if (rows !== 1) violations.push(`${rows} rows follow the token`);

  const [successor = ''] = successors;
  const next = tokensIn(await connections.send(refreshCall(browserApp, successor)));
  if (!next) violations.push('the successor was refused');
  const again = await connections.send(refreshCall(browserApp, first.refresh));
  if (jsonOf(again).error !== 'invalid_grant') violations.push(`the old token got ${again.status} after all`);
  const family = [first, ...issued.slice(0, 3), ...(next ? [next] : [])];
  const end = await endOfFamily(ground, family);
  if (end === undefined) violations.push('a token of the family outlived the theft');
  return {
    seen: { repeated: issued.length, refused: TRIES - issued.length },
    most: { 'dead after ms': end ?? 1_000 },
    violations,
  };
}

async function successorRows({ database }: DrillGround, token: string): Promise<number> {
  const { rows } = await database.client.query<{ count: string }>(
    'SELECT count(*)::text AS count FROM artifacts WHERE predecessor_digest = $1',
    [digestOf(token)],
  );
  return Number(rows[0]?.count);
}

/** Access tokens must introspect as inactive at both servers; refresh tokens must be refused. */
async function endOfFamily({ servers, target, connections }: DrillGround, family: readonly Tokens[]) {
  const places = servers.map(({ place }) => place);
  const began = performance.now();
  const ends = await Promise.all(family.map(({ access }) => endOf(connections, places, target.api, access)));
  for (const [index, { refresh }] of family.entries()) {
    const answer = await connections.send(refreshCall(target.browserApp, refresh), places[index % 2]);
    if (jsonOf(answer).error !== 'invalid_grant') return undefined;
  }
  return ends.includes(undefined) ? undefined : Math.round(performance.now() - began);
}
