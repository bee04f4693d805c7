import { parseArgs } from 'node:util';
import { newApp, OPERATOR } from '../../test/support/world.ts';
import { LIMIT_OVERRIDES } from '../../src/defense/limits/limit-in-force.ts';
import { changeSetting } from '../../src/audit/change-setting.ts';
import { conclude } from '../support/drill.ts';
import {
  callAs,
  countOutcomes,
  honestWork,
  judgeMisuse,
  openMisuseGround,
  outcomesByRung,
  sendSteadily,
} from '../support/misuse-ground.ts';

/**
 * One app floods the token endpoint of two server processes and takes no notice of 429; one address floods it in the
 * name of an honest app, with a wrong secret. Others work beside. The limits are lowered, so that two cores can exceed
 * them. `node bench/drills/token-flood.ts [--seconds N] [--json file]`
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { seconds: { type: 'string', default: '240' }, json: { type: 'string' } },
  });
  const seconds = Number(values.seconds);
  const began = performance.now();
  const ground = await openMisuseGround();
  try {
    const value = { token: { budget: 600 }, unproven: { budget: 1_200 } };
    await changeSetting(ground.platform, OPERATOR, { setting: LIMIT_OVERRIDES, value });
    const culprit = await newApp(ground.platform, ground.api, { type: 'machine', scopes: ['notes:read'] });
    const [victim] = ground.honest;
    const named = { clientId: String(victim?.clientId), secret: 'a guess' };
    const work = honestWork(ground);
    const since = new Date();
    const ask = { grant_type: 'client_credentials' };
    const [own, guessed] = await Promise.all([
      sendSteadily(80, seconds, () => ground.send(callAs(culprit, '/token', ask))),
      sendSteadily(30, seconds, () => ground.send(callAs(named, '/token', ask), '203.0.113.66')),
    ]);
    await work.stop();
    const { seen, violations } = await judgeMisuse(ground, work.done, {
      since,
      expected: ['client observe (limit-ignored)', 'alert secrets-guessed'],
      within: 75,
      culprits: [culprit.clientId],
      pause: seconds >= LONG_ENOUGH,
    });
    conclude({
      ...{ name: 'token-flood', began, setting: { seconds }, violations, json: values.json },
      seen: {
        'to the app': await outcomesByRung(ground, since, own),
        'to the address': JSON.stringify(countOutcomes(guessed)),
        ...seen,
      },
    });
  } finally {
    await ground.close();
  }
}

/** Seconds in which it must come to a pause. */
const LONG_ENOUGH = 240;

await main();
