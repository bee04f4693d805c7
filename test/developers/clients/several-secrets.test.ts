import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  noteSecretUse,
  writeCredentialUses,
} from '../../../src/developers/clients/credentials/credential-uses.ts';
import { loadRegisteredClient } from '../../../src/developers/clients/registered-client.ts';
import {
  endSilentSecrets,
  warnOfEndingSecrets,
} from '../../../src/developers/clients/credentials/secret-ends.ts';
import { type Overlap, rotateSecret } from '../../../src/developers/clients/credentials/secret-rotation.ts';
import {
  createSecret,
  endSecret,
  listSecrets,
  MOST_SECRETS,
} from '../../../src/developers/clients/credentials/secrets.ts';
import { digestOf } from '../../../src/platform/crypto/secrets.ts';
import { waitingLetters } from '../../../src/platform/mail/outbox.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { aClient, anApi, anOrganization, ok, operator } from '../../support/developers.ts';
import { openTestPlatform } from '../../support/platform.ts';
import { type ShiftedTime, shiftTime } from '../../support/time.ts';

const HOUR = 3_600;
const DAY = 86_400;

let platform: OpenPlatform;
let acme: string;
let time: ShiftedTime | undefined;

beforeAll(async () => {
  platform = await openTestPlatform();
  acme = await anOrganization(platform);
});
afterEach(() => time?.restore());
afterAll(() => platform.close());

const at = (seconds: number) => {
  time?.restore();
  time = shiftTime(seconds);
};
const liveDigests = async (id: string) => (await loadRegisteredClient(platform, id))?.secretDigests ?? [];
const isLive = async (id: string, secret: string) =>
  (await liveDigests(id)).some((digest) => digest.equals(digestOf(secret)));
const lettersAbout = async (app: string) =>
  (await waitingLetters(platform))
    .map(({ subject, text }) => `${subject} ${text.replaceAll('\n', ' ')}`)
    .filter((text) => text.includes(`“${app}”`));

async function use(secret: string): Promise<void> {
  noteSecretUse(platform, digestOf(secret), '203.0.113.x');
  await writeCredentialUses(platform);
}

let named = 0;
async function anApp() {
  named += 1;
  const name = `App ${named}`;
  const { client, issued } = await aClient(platform, acme, { name });
  const { live } = await listSecrets(platform, client.id);
  return { name, holderId: client.id, secret: String(issued?.secret), secretId: String(live[0]?.id) };
}

describe('several secrets', () => {
  it('work beside each other, each with its label, its beginning and its end', async () => {
    const { holderId, secret } = await anApp();
    const { issued, expiresAt } = ok(
      await createSecret(platform, operator, { holderId, label: ' Production  server ', days: 90 }),
    );
    expect((expiresAt?.getTime() ?? 0) - Date.now()).toBeGreaterThan(89.9 * DAY * 1000);
    expect([await isLive(holderId, secret), await isLive(holderId, issued.secret)]).toEqual([true, true]);
    const { live } = await listSecrets(platform, holderId);
    expect(live.map(({ label }) => label)).toEqual(['Production server', 'First secret']);
    expect(issued.secret.startsWith(String(live[0]?.beginning.slice(0, -1)))).toBe(true);
    expect(live[0]?.beginning).toHaveLength('gate_secret_'.length + 3 + 4 + 1);
    expect(JSON.stringify(live)).not.toContain(issued.secret);
    at(91 * DAY);
    expect([await isLive(holderId, secret), await isLive(holderId, issued.secret)]).toEqual([true, false]);
  });

  it('are five at most, also where many are made at once', async () => {
    const { holderId } = await anApp();
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () =>
        createSecret(platform, operator, { holderId, label: 'One', days: null }),
      ),
    );
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(MOST_SECRETS - 1);
    expect(outcomes.find((outcome) => !outcome.ok)).toMatchObject({ reason: 'too-many' });
    expect(await liveDigests(holderId)).toHaveLength(MOST_SECRETS);
  });

  it.each([
    ['label', { label: '\u200b' }],
    ['label', { label: 'x'.repeat(100) }],
    ['days', { days: 0 }],
    ['days', { days: 10_000 }],
    ['days', { days: 1.5 }],
    ['days', { days: Number.NaN }],
  ])('are refused for their %s: %j', async (reason, change) => {
    const { holderId } = await anApp();
    const wish = { holderId, label: 'One', days: null, ...change };
    expect(await createSecret(platform, operator, wish)).toMatchObject({ ok: false, reason });
    expect(await liveDigests(holderId)).toHaveLength(1);
  });

  it.each(['spa', 'native', 'cli'] as const)('are not for an app of type %s', async (type) => {
    const redirectUris = [type === 'spa' ? 'https://app.example.com/' : 'http://127.0.0.1/callback'];
    const { client } = await aClient(platform, acme, { type, redirectUris });
    const wish = { holderId: client.id, label: 'One', days: null };
    expect(await createSecret(platform, operator, wish)).toMatchObject({ reason: 'auth-method' });
  });

  it('end one at a time, once, and that is told', async () => {
    const { holderId, secretId, secret, name } = await anApp();
    const { issued } = ok(await createSecret(platform, operator, { holderId, label: 'Two', days: null }));
    const outcomes = await Promise.all(
      [1, 2, 3].map(() => endSecret(platform, operator, { holderId, secretId })),
    );
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
    expect([await isLive(holderId, secret), await isLive(holderId, issued.secret)]).toEqual([false, true]);
    const letters = await lettersAbout(name);
    expect(letters.filter((text) => text.includes('was ended'))).toHaveLength(1);
    expect(letters.filter((text) => text.includes('was made'))).toHaveLength(1);
  });

  it('are those of one app: the id of another one names nothing', async () => {
    const mine = await anApp();
    const theirs = await anApp();
    for (const secretId of [theirs.secretId, 'x', '', "' OR 1=1", theirs.holderId]) {
      const change = { holderId: mine.holderId, secretId };
      expect(await endSecret(platform, operator, change)).toMatchObject({ reason: 'secret' });
      expect(await rotateSecret(platform, operator, change)).toMatchObject({ reason: 'secret' });
    }
    expect(await isLive(theirs.holderId, theirs.secret)).toBe(true);
    expect(await liveDigests(mine.holderId)).toHaveLength(1);
  });

  it('are those of one organization: to another one the app does not exist', async () => {
    const { holderId, secretId, secret } = await anApp();
    const organizationId = await anOrganization(platform, 'Rival');
    const change = { holderId, secretId, organizationId };
    expect(await endSecret(platform, operator, change)).toMatchObject({ reason: 'holder' });
    expect(await rotateSecret(platform, operator, change)).toMatchObject({ reason: 'holder' });
    const wish = { ...change, label: 'One', days: null };
    expect(await createSecret(platform, operator, wish)).toMatchObject({ reason: 'holder' });
    expect(await liveDigests(holderId)).toEqual([digestOf(secret)]);
  });
});

describe('a rotation', () => {
  const overlaps: [Overlap, number][] = [
    ['none', 0],
    ['hour', HOUR],
    ['day', DAY],
    ['week', 7 * DAY],
    ['month', 30 * DAY],
  ];
  it.each(overlaps)('with the overlap %s ends the old secret when it said', async (overlap, seconds) => {
    const { holderId, secretId, secret } = await anApp();
    const { issued } = ok(await rotateSecret(platform, operator, { holderId, secretId, overlap }));
    if (seconds > 0) {
      at(seconds - 60);
      expect(await isLive(holderId, secret)).toBe(true);
    }
    at(seconds + 1);
    expect([await isLive(holderId, secret), await isLive(holderId, issued.secret)]).toEqual([false, true]);
  });

  it('leaves other secrets alone, and keeps the label', async () => {
    const { holderId, secretId } = await anApp();
    const { issued } = ok(await createSecret(platform, operator, { holderId, label: 'Other', days: null }));
    ok(await rotateSecret(platform, operator, { holderId, secretId, overlap: 'none' }));
    expect(await isLive(holderId, issued.secret)).toBe(true);
    const { live } = await listSecrets(platform, holderId);
    expect(live.map(({ label }) => label)).toEqual(['First secret', 'Other']);
  });

  it('of one secret happens once, however often it is asked for at once', async () => {
    for (const overlap of ['none', 'week'] as const) {
      const { holderId, secretId } = await anApp();
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, () => rotateSecret(platform, operator, { holderId, secretId, overlap })),
      );
      expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
      expect(await liveDigests(holderId)).toHaveLength(overlap === 'none' ? 1 : 2);
    }
  });

  it('and an end at once leave the old secret ended, whoever comes first', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { holderId, secretId, secret } = await anApp();
      await Promise.all([
        rotateSecret(platform, operator, { holderId, secretId, overlap: 'month' }),
        endSecret(platform, operator, { holderId, secretId }),
      ]);
      expect(await isLive(holderId, secret)).toBe(false);
    }
  });

  it('never gives the old secret more time than it had', async () => {
    const { holderId } = await anApp();
    const { issued } = ok(await createSecret(platform, operator, { holderId, label: 'Short', days: 1 }));
    const { live } = await listSecrets(platform, holderId);
    const secretId = live.find(({ label }) => label === 'Short')?.id;
    ok(await rotateSecret(platform, operator, { holderId, secretId, overlap: 'month' }));
    at(2 * DAY);
    expect(await isLive(holderId, issued.secret)).toBe(false);
  });

  it('with an overlap needs room for one more', async () => {
    const { holderId, secretId } = await anApp();
    for (let more = 1; more < MOST_SECRETS; more += 1)
      ok(await createSecret(platform, operator, { holderId, label: 'More', days: null }));
    const change = { holderId, secretId };
    const refused = await rotateSecret(platform, operator, { ...change, overlap: 'day' });
    expect(refused).toMatchObject({ reason: 'too-many' });
    ok(await rotateSecret(platform, operator, { ...change, overlap: 'none' }));
  });

  it('serves an API too', async () => {
    const { api, issued: old } = await anApi(platform, acme);
    const { issued } = ok(await rotateSecret(platform, operator, { holderId: api.clientId, overlap: 'day' }));
    expect(await isLive(api.clientId, old.secret)).toBe(true);
    at(DAY + 1);
    expect(await liveDigests(api.clientId)).toEqual([digestOf(issued.secret)]);
  });
});

describe('a replaced secret', () => {
  async function rotated(endsWhenSilent: boolean) {
    const app = await anApp();
    const { holderId, secretId } = app;
    const wish = { holderId, secretId, overlap: 'week', endsWhenSilent } as const;
    const { issued } = ok(await rotateSecret(platform, operator, wish));
    return { ...app, successor: issued.secret };
  }

  it('ends early once it was silent for a day while its successor was used, if that was chosen', async () => {
    const app = await rotated(true);
    await use(app.secret);
    at(DAY / 2);
    await use(app.successor);
    await endSilentSecrets(platform);
    expect(await isLive(app.holderId, app.secret)).toBe(true);
    at(DAY + 60);
    await endSilentSecrets(platform);
    expect(await isLive(app.holderId, app.secret)).toBe(false);
    expect(await isLive(app.holderId, app.successor)).toBe(true);
    const told = (await lettersAbout(app.name)).filter((text) => text.includes('before its time'));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('The service did this by itself');
  });

  it('does not while its successor is silent too, while it is used itself, or where nobody chose it', async () => {
    const unused = await rotated(true);
    const used = await rotated(true);
    const kept = await rotated(false);
    at(DAY);
    await use(used.secret);
    at(2 * DAY - 60);
    for (const { successor } of [used, kept]) await use(successor);
    await endSilentSecrets(platform);
    for (const { holderId, secret } of [unused, used, kept])
      expect(await isLive(holderId, secret)).toBe(true);
  });

  it('is told of once where it is used in the last quarter of its time', async () => {
    const app = await rotated(false);
    const warnings = async () =>
      (await lettersAbout(app.name)).filter((text) => text.includes('still in use and ends soon'));
    at(4 * DAY);
    await use(app.secret);
    await warnOfEndingSecrets(platform);
    expect(await warnings()).toHaveLength(0);
    at(6 * DAY);
    await warnOfEndingSecrets(platform);
    expect(await warnings()).toHaveLength(0);
    await use(app.secret);
    await Promise.all([warnOfEndingSecrets(platform), warnOfEndingSecrets(platform)]);
    await warnOfEndingSecrets(platform);
    expect(await warnings()).toHaveLength(1);
  });
});

describe('the last use of a secret', () => {
  it('is written in batches, with its network, and never goes back', async () => {
    const { holderId, secret } = await anApp();
    const lastUse = async () => {
      const [one] = (await listSecrets(platform, holderId)).live;
      return [one?.lastUsedAt, one?.lastUsedFrom] as const;
    };
    noteSecretUse(platform, digestOf(secret), '203.0.113.x');
    expect(await lastUse()).toEqual([null, null]);
    expect(await writeCredentialUses(platform)).toBe(1);
    const [first, place] = await lastUse();
    expect(place).toBe('203.0.113.x');
    expect(await writeCredentialUses(platform)).toBe(0);
    at(-DAY);
    await use(secret);
    expect((await lastUse())[0]).toEqual(first);
  });

  it('is kept for the next time where it cannot be written', async () => {
    const { secret } = await anApp();
    noteSecretUse(platform, digestOf(secret), undefined);
    const { run } = platform.sql;
    platform.sql.run = () => Promise.reject(new Error('the database is away'));
    await expect(writeCredentialUses(platform)).rejects.toThrow('the database is away');
    platform.sql.run = run;
    expect(await writeCredentialUses(platform)).toBe(1);
  });
});
