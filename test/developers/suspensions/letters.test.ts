import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../../src/audit/actor.ts';
import { makeAppeal } from '../../../src/defense/suspensions/appeals.ts';
import { endSuspension } from '../../../src/defense/suspensions/end.ts';
import { settleSuspensions } from '../../../src/defense/suspensions/settle.ts';
import { noteSignal } from '../../../src/defense/signals/note.ts';
import { writeSignals } from '../../../src/defense/signals/write-signals.ts';
import { startSuspension, type SuspensionWish } from '../../../src/defense/suspensions/start.ts';
import { findSuspension } from '../../../src/defense/suspensions/suspension.ts';
import { findApi } from '../../../src/developers/apis/api.ts';
import { decideAppeal } from '../../../src/developers/suspensions/decide-appeal.ts';
import { tellOfSuspensions } from '../../../src/developers/suspensions/tell-of-suspensions.ts';
import { secondsAfter } from '../../../src/platform/clock.ts';
import { newId } from '../../../src/platform/ids.ts';
import { waitingLetters } from '../../../src/platform/mail/outbox.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { clockAt, type MovableClock } from '../../support/clock.ts';
import { openTestPlatform } from '../../support/platform.ts';
import { type App, newApi, newApp, newPerson, type Notes, OPERATOR } from '../../support/world.ts';

const JOB: Actor = { kind: 'job', id: 'watch' };
const MEMBER = { kind: 'account', id: newId() } as const;

let clock: MovableClock;
let platform: OpenPlatform;
let api: Notes;
let apiId: string;
let app: App;
beforeAll(async () => {
  clock = clockAt();
  platform = await openTestPlatform({ clock: { now: () => clock.now() } });
  api = await newApi(platform);
  apiId = (await findApi(platform, api.identifier))?.id ?? '';
});
afterAll(() => platform.close());
beforeEach(async () => {
  clock.forward(86_400 * 2);
  app = await newApp(platform, api);
  await tellOfSuspensions(platform);
  await platform.pool.query('DELETE FROM letters');
});

const subjects = async () => (await waitingLetters(platform)).map(({ subject }) => subject);

async function begun(wish: Partial<SuspensionWish> = {}): Promise<string> {
  const ids = { clientId: app.clientId, apiId };
  const outcome = await startSuspension(platform, OPERATOR, { kind: 'access', ids, ...wish });
  if (!outcome.ok) throw new Error(outcome.sentence);
  return outcome.suspension.id;
}

const appeal = (suspensionId: string, text = 'We fixed the loop in our importer. Please let us go on.') =>
  makeAppeal(platform, MEMBER, { suspensionId, accountId: MEMBER.id, text });

describe('letters about suspensions', () => {
  it('go to the owners once, however many processes look', async () => {
    await begun();
    await Promise.all([
      tellOfSuspensions(platform),
      tellOfSuspensions(platform),
      tellOfSuspensions(platform),
    ]);
    expect(await subjects()).toEqual(['Something of yours was paused']);
  });

  it('tell a person why an operator paused their account, until when and how to object, and when it goes on', async () => {
    const person = await newPerson(platform);
    const wish = { kind: 'account', ids: { accountId: person.id }, note: 'Spam from it.' } as const;
    await begun({ ...wish, until: secondsAfter(clock.now(), 3600) });
    await tellOfSuspensions(platform);
    const [letter] = await waitingLetters(platform);
    expect(letter?.to).toBe(person.email);
    expect(letter?.text).toContain('An operator of this service paused your account until');
    expect(letter?.text).toContain('The reason they gave: Spam from it.');
    expect(letter?.text).toContain('If you think this is a mistake');
    clock.forward(3600);
    await settleSuspensions(platform);
    await tellOfSuspensions(platform);
    expect((await subjects()).at(-1)).toBe('It goes on again');
  });

  it('say nothing of what is only watched, and nothing of what would have been done', async () => {
    const rule = { kind: 'access', ids: { clientId: app.clientId, apiId }, rule: 'rate-ignored' } as const;
    await startSuspension(platform, JOB, rule);
    for (const _ of 'osp') {
      await startSuspension(platform, JOB, { ...rule, dryRun: true });
      clock.forward(60);
    }
    await tellOfSuspensions(platform);
    expect(await subjects()).toEqual([]);
  });

  it('come when it slows, pauses and ends by itself', async () => {
    const rule = { kind: 'access', ids: { clientId: app.clientId, apiId }, rule: 'rate-ignored' } as const;
    for (const _ of 'osp') {
      await startSuspension(platform, JOB, rule);
      await tellOfSuspensions(platform);
      clock.forward(60);
    }
    clock.forward(15 * 60);
    await settleSuspensions(platform);
    await tellOfSuspensions(platform);
    clock.forward(15 * 60);
    await settleSuspensions(platform);
    await tellOfSuspensions(platform);
    const paused = 'Something of yours was paused';
    expect((await subjects()).sort()).toEqual(['It goes on again', paused, paused]);
  });

  it('count tokens that nothing takes back, those of this app at this API alone', async () => {
    const note = (id: string, count: number, at: Date) =>
      noteSignal(platform, { signal: 'jwts-issued', subject: { kind: 'access', id }, count, at });
    note(`${app.clientId} ${apiId}`, 3, secondsAfter(clock.now(), -300));
    note(`${app.clientId} ${apiId}`, 5, secondsAfter(clock.now(), -3600));
    note(`${app.clientId} ${newId()}`, 7, clock.now());
    await writeSignals(platform);
    const narrow = await begun();
    const wide = await begun({ kind: 'client' });
    await tellOfSuspensions(platform);
    expect(await findSuspension(platform, narrow)).toMatchObject({
      outlivingTokens: 3,
      outlivingUntil: secondsAfter(clock.now(), -300 + 60 + 600),
    });
    expect(await findSuspension(platform, wide)).toMatchObject({ outlivingTokens: 10 });
    const texts = (await waitingLetters(platform)).map(({ text }) => text.replaceAll('\n', ' ')).join();
    expect(texts).toContain('At most 3 tokens that were issued as JWT');
    expect(texts).toContain('At most 10 tokens that were issued as JWT');
  });
});

describe('an appeal', () => {
  it('is one for each suspension, also of fifty at once', async () => {
    const id = await begun();
    const all = await Promise.all(Array.from({ length: 50 }, () => appeal(id)));
    expect(all.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await appeal(id)).toMatchObject({ reason: 'made' });
  });

  it('is plain text of 2,000 characters at most, about what is in force', async () => {
    const id = await begun();
    expect(await appeal(id, 'a'.repeat(2001))).toMatchObject({ reason: 'text' });
    expect(await appeal(id, '  why?  ')).toMatchObject({ reason: 'text' });
    expect(await appeal(newId())).toMatchObject({ reason: 'suspension' });
    const made = await appeal(id, 'Line one\r\nline\u202e two\u0000 \u200bis here');
    expect(made).toMatchObject({ ok: true, appeal: { text: 'Line one\nline two is here' } });
    const over = await begun({ kind: 'client', until: secondsAfter(clock.now(), 3600) });
    clock.forward(3600);
    expect(await appeal(over)).toMatchObject({ reason: 'suspension' });
  });

  it('granted ends the suspension, decided once, and tells the owners', async () => {
    const id = await begun({ until: secondsAfter(clock.now(), 3600) });
    const made = await appeal(id);
    if (!made.ok) throw new Error(made.sentence);
    await tellOfSuspensions(platform);
    const decision = { id: made.appeal.id, granted: true, note: 'Thank you.' };
    const all = await Promise.all([
      decideAppeal(platform, OPERATOR, decision),
      decideAppeal(platform, OPERATOR, { ...decision, granted: false }),
    ]);
    expect(all.filter(({ ok }) => ok)).toHaveLength(1);
    await tellOfSuspensions(platform);
    expect(await subjects()).toHaveLength(2);
    expect(await decideAppeal(platform, MEMBER, decision)).toMatchObject({ reason: 'operator' });
  });

  it('against what waits for a human is granted by two, and refused by one', async () => {
    const id = await begun();
    const made = await appeal(id);
    if (!made.ok) throw new Error(made.sentence);
    const decision = { id: made.appeal.id, granted: true };
    expect(await decideAppeal(platform, OPERATOR, decision)).toMatchObject({ reason: 'second-person' });
    expect(await decideAppeal(platform, OPERATOR, { ...decision, confirmed: true })).toMatchObject({
      ok: true,
    });
    expect(await findSuspension(platform, id)).toMatchObject({ endedBy: 'appeal' });
    expect(await endSuspension(platform, OPERATOR, { id })).toMatchObject({ reason: 'suspension' });
  });
});
