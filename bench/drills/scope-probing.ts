import { parseArgs } from 'node:util';
import { newApp } from '../../test/support/world.ts';
import { conclude } from '../support/drill.ts';
import {
  callAs,
  honestWork,
  judgeMisuse,
  openMisuseGround,
  outcomesByRung,
  sendSteadily,
} from '../support/misuse-ground.ts';

/**
 * Somebody has the secret of an app and tries out scope after scope at an API, against two server processes, while
 * other apps work there. `node bench/drills/scope-probing.ts [--seconds N] [--json file]`
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { seconds: { type: 'string', default: '270' }, json: { type: 'string' } },
  });
  const seconds = Number(values.seconds);
  const began = performance.now();
  const ground = await openMisuseGround();
  try {
    const culprit = await newApp(ground.platform, ground.api, { type: 'machine', name: 'Prober' });
    const work = honestWork(ground);
    const since = new Date();
    const sent = await sendSteadily(3, seconds, (number) => {
      const scope = `${['read', 'write', 'admin', 'all'][number % 4]}:${number}`;
      return ground.send(callAs(culprit, '/token', { grant_type: 'client_credentials', scope }));
    });
    await work.stop();
    const { seen, violations } = await judgeMisuse(ground, work.done, {
      since,
      expected: ['access-writes observe (scopes-probed-at-api)', 'client'],
      within: 10,
      culprits: [culprit.clientId],
      pause: seconds >= LONG_ENOUGH,
    });
    if (sent.some(({ outcome }) => outcome === '200')) violations.push('a scope was given');
    conclude({
      ...{ name: 'scope-probing', began, setting: { seconds }, violations, json: values.json },
      seen: { answers: await outcomesByRung(ground, since, sent), ...seen },
    });
  } finally {
    await ground.close();
  }
}

/** Seconds in which it must come to a pause. */
const LONG_ENOUGH = 270;

await main();
