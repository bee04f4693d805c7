import { parseArgs } from 'node:util';
import { grantAccess } from '../../src/developers/access/access.ts';
import { keepReport } from '../../src/developers/apis/reports/reports.ts';
import { runRules } from '../../src/developers/watch/run-rules.ts';
import { advance, newBaseline } from '../../src/defense/signals/baseline.ts';
import { newApp, newOrganization, OPERATOR } from '../../test/support/world.ts';
import { conclude } from '../support/drill.ts';
import { jsonOf } from '../support/http.ts';
import type { Api } from '../../src/developers/apis/api.ts';
import {
  callAs,
  honestWork,
  judgeMisuse,
  type MisuseGround,
  openMisuseGround,
  outcomesByRung,
  sendSteadily,
} from '../support/misuse-ground.ts';
import { poisson, randomFrom } from '../support/habits.ts';
import { tokensOfPeople } from '../support/tokens-of-people.ts';

/**
 * An app that usually asks for a few people a minute goes through all it has tokens of, at an API that lets it reach
 * some a day. The API asks two server processes about each token and reports what it sees; other apps work beside.
 * `node bench/drills/harvesting.ts [--seconds N] [--people N] [--json file]`
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '240' },
      people: { type: 'string', default: '60' },
      json: { type: 'string' },
    },
  });
  const [seconds, people] = [Number(values.seconds), Number(values.people)];
  const began = performance.now();
  const ground = await openMisuseGround();
  const { platform, api } = ground;
  try {
    const organizationId = await newOrganization(platform, 'Harvest');
    const culprit = await newApp(platform, api, { organizationId, firstParty: true });
    const wish = { clientId: culprit.clientId, apiIdentifier: api.identifier, scopes: ['notes:read'] };
    const granted = await grantAccess(platform, OPERATOR, { ...wish, origin: 'operator' });
    if (!granted.ok) throw new Error(granted.sentence);
    const tokens = await tokensOfPeople(ground, culprit, people);
    // The owner of the API sets a cap once the app has its tokens: otherwise it would have got no more of them.
    await platform.db.access.updateMany({ data: { peoplePerDay: CAP } });
    await platform.db.clientBaseline.create({ data: aWeekOf(culprit.clientId, USUAL) });
    const work = honestWork(ground);
    const since = new Date();
    let pausedAt = Number.NaN;
    const ask = (number: number) => {
      const token = tokens[number % tokens.length]?.access ?? '';
      return ground.send(callAs(api, '/token/introspection', { token }), '198.51.100.9');
    };
    const harvest = sendSteadily(5, seconds, ask, (answer) =>
      answer.status === 200 ? (jsonOf(answer).active === true ? 'active' : 'inactive') : `${answer.status}`,
    );
    const { id: apiId } = await platform.db.api.findFirstOrThrow({ where: { clientId: api.clientId } });
    await reportAll(seconds, async (number) => {
      await reportThree(ground, { apiId, clientId: culprit.clientId, number });
      await runRules(platform);
      const where = { clientId: culprit.clientId, state: 'pause' };
      const paused = await platform.db.suspension.findFirst({ where });
      if (paused && Number.isNaN(pausedAt)) pausedAt = (paused.stateSince.getTime() - since.getTime()) / 1000;
    });
    const sent = await harvest;
    await work.stop();
    const { seen, violations } = await judgeMisuse(ground, work.done, {
      since,
      expected: ['alert client-burst', 'access observe (reported-by-api)'],
      within: 125,
      culprits: [culprit.clientId],
      pause: seconds >= LONG_ENOUGH,
    });
    const reached = await platform.db.accessPerson.count({ where: { clientId: culprit.clientId } });
    if (reached > CAP) violations.push(`${reached} people were reached`);
    conclude({
      ...{ name: 'harvesting', began, setting: { seconds, people }, violations, json: values.json },
      seen: {
        tokens: await outcomesByRung(ground, since, sent),
        'people reached': reached,
        'paused at the API after s': Number.isNaN(pausedAt) ? 'not yet' : Math.round(pausedAt),
        ...seen,
      },
    });
  } finally {
    await ground.close();
  }
}

/** Seconds in which it must come to a pause. */
const LONG_ENOUGH = 240;

/** People a day that the access lets it reach, and its calls a minute so far. */
const CAP = 25;
const USUAL = 30;
const DAY = 1_440;

/** As the watch would know a client that has lived for a week. */
function aWeekOf(clientId: string, calls: number) {
  const random = randomFrom(1);
  const now = Math.floor(Date.now() / 60_000);
  let baseline = newBaseline(now - 8 * DAY);
  for (let minute = now - 8 * DAY; minute < now - 1; minute += 1)
    baseline = advance(baseline, minute, poisson(calls, random)).baseline;
  return { clientId, state: baseline as unknown as object, updatedAt: new Date() };
}

/** As three signed reports of the API would be kept. */
async function reportThree(
  { platform, api }: MisuseGround,
  { apiId, clientId, number }: { apiId: string; clientId: string; number: number },
): Promise<void> {
  const grants = await platform.db.grant.findMany({ where: { clientId }, take: 3, skip: number % 50 });
  for (const { id: grantId } of grants) {
    const jti = `report-${number}-${grantId}`;
    const reported = { id: apiId, clientId: api.clientId } as Api;
    await keepReport(platform, { api: reported, jti, clientId, grantId, reason: 'harvesting', note: null });
  }
}

/** The people of the API look into their own log four times a minute. */
async function reportAll(seconds: number, report: (number: number) => Promise<void>): Promise<void> {
  const every = 15;
  for (let passed = every; passed < seconds; passed += every) {
    await new Promise((resolve) => setTimeout(resolve, every * 1000));
    await report(passed);
  }
}

await main();
