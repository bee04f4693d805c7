import { parseArgs } from 'node:util';
import { newApp } from '../../test/support/world.ts';
import { conclude } from '../support/drill.ts';
import { jsonOf } from '../support/http.ts';
import {
  callAs,
  countOutcomes,
  honestWork,
  judgeMisuse,
  openMisuseGround,
  sendSteadily,
} from '../support/misuse-ground.ts';
import { tokensOfPeople } from '../support/tokens-of-people.ts';

/**
 * Somebody copied the refresh token of one person of a public app and presents it again and again after it was used,
 * from ever new addresses. The other people of the same app go on refreshing, and other apps work beside: two server
 * processes. `node bench/drills/refresh-replay.ts [--seconds N] [--people N] [--json file]`
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '240' },
      people: { type: 'string', default: '20' },
      json: { type: 'string' },
    },
  });
  const [seconds, people] = [Number(values.seconds), Number(values.people)];
  const began = performance.now();
  const ground = await openMisuseGround();
  try {
    const app = await newApp(ground.platform, ground.api, { type: 'spa', firstParty: true });
    const [stolen, ...others] = await tokensOfPeople(ground, app, people + 1);
    const refresh = (token: string, from: string) =>
      ground.send(callAs(app, '/token', { grant_type: 'refresh_token', refresh_token: token }), from);
    // Its owner has used it, and the one after it.
    const next = jsonOf(await refresh(String(stolen?.refresh), '100.65.0.10')).refresh_token;
    const { refresh_token: last, access_token: live } = jsonOf(await refresh(String(next), '100.65.0.10'));
    const kept = others.map(({ refresh: token }) => token);
    const work = honestWork(
      ground,
      kept.map((_, number) => async () => {
        const answer = await refresh(String(kept[number]), `100.65.${number + 1}.10`);
        kept[number] = String(jsonOf(answer).refresh_token);
        return answer.status === 200;
      }),
    );
    const since = new Date();
    const sent = await sendSteadily(5, seconds, (number) =>
      refresh(String(stolen?.refresh), `203.0.${number & 255}.${1 + (number >> 8)}`),
    );
    await work.stop();
    const { seen, violations } = await judgeMisuse(ground, work.done, {
      since,
      expected: ['grant.reuse-detected'],
      within: 2,
      culprits: [],
    });
    const statuses = countOutcomes(sent);
    if (statuses[200]) violations.push(`${statuses[200]} replays were answered with tokens`);
    if ((await refresh(String(last), '100.65.0.10')).status === 200) violations.push('the family lives');
    const asked = await ground.send(callAs(ground.api, '/token/introspection', { token: String(live) }));
    if (jsonOf(asked).active === true) violations.push('an access token of the family lives');
    conclude({
      ...{ name: 'refresh-replay', began, setting: { seconds, people }, violations, json: values.json },
      seen: { answers: JSON.stringify(statuses), ...seen },
    });
  } finally {
    await ground.close();
  }
}

await main();
