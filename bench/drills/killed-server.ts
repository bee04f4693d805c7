import { setTimeout as sleep } from 'node:timers/promises';
import { type DrillGround, type Observation, runDrill } from '../support/drill.ts';
import type { Call, Connections } from '../support/http.ts';
import { authorizationCode } from '../support/people.ts';
import type { RunningServer } from '../support/processes.ts';
import { exchangeCall, type Party, refreshCall } from '../support/target.ts';
import { isActive, many, newTokens, type Tokens, tokensIn } from '../support/tokens.ts';

const WORKERS = 5;
const CODES = 150;

/**
 * One of two servers dies by SIGKILL in the middle of refreshes and exchanges. Every token that was acknowledged
 * works afterwards, a refresh whose answer was lost can be repeated at the other server, and a restart needs no hand.
 * At the end both die at once.
 */
await runDrill({
  name: 'killed server',
  rounds: 20,
  async prepare(ground, rounds) {
    let servers = [...ground.servers];
    return async (round) => {
      const [survivor, victim] = (round % 2 === 0 ? servers : servers.toReversed()) as Pair;
      const witness = await loadWhileKilling(ground, survivor, victim);
      const restarted = await ground.installation.startProcess();
      servers = [survivor, restarted];
      for (const server of servers) await verify(ground, server, witness);
      if (round === rounds - 1) {
        await Promise.all(servers.map((server) => server.kill()));
        await verify(ground, await ground.installation.startProcess(), witness);
      }
      return observationOf(witness);
    };
  },
});

type Pair = [RunningServer, RunningServer];

/** What the callers know: every token in here came with a complete 200. */
interface Witness {
  readonly access: string[];
  /** Refresh tokens that must still work, with the app they belong to. */
  readonly refresh: { readonly client: Party; readonly token: string }[];
  broken: number;
  readonly violations: string[];
}

async function loadWhileKilling(
  ground: DrillGround,
  survivor: RunningServer,
  victim: RunningServer,
): Promise<Witness> {
  const { target, cookie } = ground;
  const { web, browserApp } = target;
  const witness: Witness = { access: [], refresh: [], broken: 0, violations: [] };
  const safe: Connections = {
    ...ground.connections,
    send: (call, place = survivor.place) => ground.connections.send(call, place),
  };
  const codes = await many(CODES, () => authorizationCode(safe, cookie, target, web));
  const chains = await many(WORKERS, () => newTokens(safe, cookie, target, browserApp));
  const standing = await newTokens(safe, cookie, target, web);
  const alive = [survivor, victim];
  const attempt = attemptAt(safe, alive, witness);
  let over = false;

  const followChain = async ({ refresh }: Tokens) => {
    let token = refresh;
    while (!over) token = (await attempt(refreshCall(browserApp, token), 'repeat'))?.refresh ?? token;
    witness.refresh.push({ client: browserApp, token });
  };
  const refreshStanding = async () => {
    while (!over) await attempt(refreshCall(web, standing.refresh), 'repeat');
  };
  const exchange = async () => {
    for (let code = codes.pop(); code !== undefined && !over; code = codes.pop()) {
      const tokens = await attempt(exchangeCall(target, web, code), 'give up');
      if (tokens) witness.refresh.push({ client: web, token: tokens.refresh });
    }
  };
  const workers = chains.flatMap((chain) => [followChain(chain), refreshStanding(), exchange()]);
  await sleep(150 + Math.random() * 500);
  alive.pop();
  await victim.kill();
  await sleep(300);
  over = true;
  await Promise.all(workers);
  witness.refresh.push({ client: web, token: standing.refresh });
  return witness;
}

/** One request at either server. When its answer is lost, a refresh is repeated at the survivor, as an app would. */
function attemptAt(safe: Connections, servers: readonly RunningServer[], witness: Witness) {
  return async (call: Call, onLoss: 'repeat' | 'give up'): Promise<Tokens | undefined> => {
    const server = servers[Math.floor(Math.random() * servers.length)];
    let answer = await safe.send(call, server?.place).catch(() => undefined);
    if (!answer) {
      witness.broken += 1;
      if (onLoss === 'give up') return undefined;
      answer = await safe.send(call);
    }
    const tokens = tokensIn(answer);
    if (tokens) witness.access.push(tokens.access);
    else witness.violations.push(`a request was refused: ${answer.status} ${answer.text.slice(0, 200)}`);
    return tokens;
  };
}

/** Every acknowledged access token is active at this server, and every refresh token gives new ones. */
async function verify(
  { connections, target }: DrillGround,
  { place }: RunningServer,
  { access, refresh, violations }: Witness,
): Promise<void> {
  const active = await many(access.length, (index) =>
    isActive(connections, target.api, access[index] as string, place),
  );
  const lost = active.filter((alive) => !alive).length;
  if (lost > 0) violations.push(`${lost} of ${access.length} acknowledged access tokens are not active`);
  await many(refresh.length, async (index) => {
    const held = refresh[index] as Witness['refresh'][number];
    const answer = await connections.send(refreshCall(held.client, held.token), place);
    const tokens = tokensIn(answer);
    if (tokens) refresh[index] = { ...held, token: tokens.refresh };
    else violations.push(`an acknowledged refresh token was refused: ${answer.text.slice(0, 200)}`);
  });
}

function observationOf({ access, refresh, broken, violations }: Witness): Observation {
  return {
    seen: { 'access tokens': access.length, 'refresh tokens': refresh.length, 'answers lost': broken },
    violations,
  };
}
