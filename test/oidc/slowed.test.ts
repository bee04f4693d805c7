import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Actor } from '../../src/audit/actor.ts';
import { writeSignals } from '../../src/defense/signals/write-signals.ts';
import { begin, pause } from '../../src/defense/suspensions/ladder.ts';
import { followSlowed, slowing } from '../../src/defense/suspensions/slowed.ts';
import { startSuspension } from '../../src/defense/suspensions/start.ts';
import { secondsAfter } from '../../src/platform/clock.ts';
import { newId } from '../../src/platform/ids.ts';
import { askCheck } from '../support/ask-check.ts';
import { PATIENCE } from '../support/patience.ts';
import { type App, newApp } from '../support/world.ts';
import { anotherPerson, openStage, refresh, type Stage, tokensFor } from './stage.ts';

const JOB: Actor = { kind: 'job', id: 'run-rules' };
const OFFLINE = { scope: 'openid notes:read offline_access' };

describe('a grant or an account that is slowed', () => {
  let stage: Stage;
  let web: App;
  beforeAll(async () => {
    stage = await openStage();
    web = await newApp(stage.server.platform, stage.api, { firstParty: true });
  }, 60_000);
  afterAll(() => stage.server.stop());

  /** On probation, as it is seventeen minutes after its first pause. */
  async function onProbation(ids: { grantId?: string; accountId: string }): Promise<void> {
    const { platform } = stage.server;
    const kind = ids.grantId === undefined ? 'account' : 'grant';
    const rule = kind === 'grant' ? 'token-floods' : 'account-tokens-reused';
    const started = await startSuspension(platform, JOB, { kind, ids, rule, exactly: true });
    if (!started.ok) throw new Error(started.sentence);
    const data = pause(1, secondsAfter(platform.clock.now(), -17 * 60));
    await platform.db.suspension.update({ where: { id: started.suspension.id }, data });
    await followSlowed(platform);
  }

  /** So many that no two windows let all of them through. */
  async function often<One>(ask: () => Promise<One>): Promise<One[]> {
    const answers: One[] = [];
    for (let round = 0; round < 10; round += 1)
      answers.push(...(await Promise.all(Array.from({ length: 13 }, ask))));
    return answers;
  }

  it('has a tenth of the calls at an API on probation, and others at the same app have all of theirs', async () => {
    const { platform } = stage.server;
    const { access_token: token } = await tokensFor(stage, web);
    const stranger = { ...stage, ...(await anotherPerson(stage)) };
    const { access_token: other } = await tokensFor(stranger, web);
    const grant = await platform.db.grant.findFirstOrThrow({ where: { accountId: stage.person.id } });
    await onProbation({ grantId: grant.id, accountId: stage.person.id });

    const ask = (presented: unknown) => askCheck(stage.issuer, { api: stage.api, token: String(presented) });
    const refused = (await often(() => ask(token))).filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.headers).toMatchObject({ 'gatehouse-reason': 'rate' });
    expect(refused[0]?.headers['gatehouse-message']).toContain('This token may make 60 calls a minute');
    expect(new Set((await often(() => ask(other))).map(({ status }) => status))).toEqual(new Set([200]));
  });

  it('has a tenth at the token endpoint, which is no misuse of the app', async () => {
    const { platform } = stage.server;
    const slow = { ...stage, ...(await anotherPerson(stage)) };
    const mine = await tokensFor(slow, web, OFFLINE);
    const other = { ...stage, ...(await anotherPerson(stage)) };
    const theirs = await tokensFor(other, web, OFFLINE);
    await onProbation({ accountId: slow.person.id });

    const answers = await often(() => refresh(stage, web, String(mine.refresh_token)));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.body.error).toBe('temporarily_unavailable');
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
    expect((await refresh(stage, web, String(theirs.refresh_token))).status).toBe(200);
    await expect
      .poll(async () => {
        await writeSignals(platform);
        const noted = await platform.db.signalCount.findMany({ where: { signal: 'rate-refused' } });
        return [...new Set(noted.map(({ subjectKind }) => subjectKind))].sort();
      }, PATIENCE)
      .toEqual(['account', 'grant']);
  });

  it('is slowed by its times alone: not while it is only watched, nor once they are over', async () => {
    const { platform } = stage.server;
    const accountId = newId();
    const wish = { kind: 'account', ids: { accountId }, rule: 'account-tokens-reused' } as const;
    const started = await startSuspension(platform, JOB, { ...wish, exactly: true });
    if (!started.ok) throw new Error(started.sentence);
    const now = platform.clock.now();
    const shares = [];
    for (const times of [
      begin('observe', 0, now),
      begin('slow', 0, now),
      pause(1, now),
      pause(1, secondsAfter(now, -17 * 60)),
      pause(1, secondsAfter(now, -3600)),
    ]) {
      await platform.db.suspension.update({ where: { id: started.suspension.id }, data: times });
      await followSlowed(platform);
      shares.push(slowing(platform, { grantId: 'another', accountId }).map(({ share }) => share));
    }
    expect(shares).toEqual([[], [0.5], [], [0.1], []]);
  });
});
