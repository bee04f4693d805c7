import { parseArgs } from 'node:util';
import { changeSetting } from '../../src/audit/change-setting.ts';
import { LIMIT_OVERRIDES } from '../../src/defense/limits/limit-in-force.ts';
import { newApp, OPERATOR } from '../../test/support/world.ts';
import { conclude } from '../support/drill.ts';
import type { Answer } from '../support/http.ts';
import { callAs, type MisuseGround, openMisuseGround } from '../support/misuse-ground.ts';

const EXACT = { budget: 200, windowSeconds: 600 };
const LEASED = { budget: 2_000, windowSeconds: 600 };
const AT_ONCE = 48;

/**
 * Two server processes are asked for half as much again as a limit allows, by turns and many at once: an exact limit and a
 * leased one let through at most a hundredth more than their budget, and no less than most of it.
 * `node bench/drills/limit-accuracy.ts [--rounds N] [--json file]`
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { rounds: { type: 'string', default: '5' }, json: { type: 'string' } },
  });
  const rounds = Number(values.rounds);
  const began = performance.now();
  const ground = await openMisuseGround();
  const violations: string[] = [];
  const seen: Record<string, number> = { exact: 0, leased: 0 };
  try {
    const value = { 'leak-reports': EXACT, token: LEASED };
    await changeSetting(ground.platform, OPERATOR, { setting: LIMIT_OVERRIDES, value });
    // In force in the servers within a second.
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    for (let round = 0; round < rounds; round += 1) {
      const report = { method: 'POST', path: '/leak-reports', form: '' } as const;
      const exact = await letThrough(EXACT.budget, () => ground.send(report, `192.0.2.${round + 1}`));
      const leased = await letThrough(LEASED.budget, await tokenCalls(ground));
      seen.exact = Math.max(seen.exact ?? 0, exact);
      seen.leased = Math.max(seen.leased ?? 0, leased);
      violations.push(
        ...faultsOf('exact', exact, EXACT.budget),
        ...faultsOf('leased', leased, LEASED.budget),
      );
    }
  } finally {
    await ground.close();
  }
  const setting = { rounds, processes: 2, 'exact budget': EXACT.budget, 'leased budget': LEASED.budget };
  conclude({ name: 'limit-accuracy', began, setting, seen, violations, json: values.json });
}

async function tokenCalls(ground: MisuseGround): Promise<() => Promise<Answer>> {
  const app = await newApp(ground.platform, ground.api, { type: 'machine', scopes: ['notes:read'] });
  return () => ground.send(callAs(app, '/token', { grant_type: 'client_credentials' }));
}

/** How many of one and a half times the budget are not answered with 429. */
async function letThrough(budget: number, send: () => Promise<Answer>): Promise<number> {
  let [left, through] = [budget * 1.5, 0];
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      if ((await send()).status !== 429) through += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return through;
}

function faultsOf(kind: string, through: number, budget: number): string[] {
  if (through > budget * 1.01) return [`the ${kind} limit let ${through} of ${budget} through`];
  return through < budget * 0.8 ? [`the ${kind} limit let only ${through} of ${budget} through`] : [];
}

await main();
