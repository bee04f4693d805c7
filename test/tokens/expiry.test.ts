import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { secondsAfter } from '../../src/platform/clock.ts';
import type { OpenPlatform } from '../../src/platform/platform.ts';
import { sweepExpiredArtifacts } from '../../src/tokens/expiry.ts';
import { flushWriteSet } from '../../src/tokens/flush.ts';
import { type ArtifactKind, newWriteSet } from '../../src/tokens/write-set.ts';
import { openTestPlatform } from '../support/platform.ts';

const DAY = 86_400;

describe('the sweep of what expired', () => {
  let platform: OpenPlatform;
  beforeAll(async () => {
    platform = await openTestPlatform();
  });
  afterAll(() => platform.close());

  async function store(kind: ArtifactKind, secondsFromNow: number): Promise<void> {
    const set = newWriteSet();
    const digest = randomBytes(32);
    const expiresAt = secondsAfter(platform.clock.now(), secondsFromNow);
    const row = { digest, kind, expiresAt, payload: {}, grantId: null, clientId: null, accountId: null };
    set.artifacts.set(digest.toString('hex'), { ...row, predecessorDigest: null });
    await flushWriteSet(platform, set);
  }

  const count = (kind: ArtifactKind) => platform.db.artifact.count({ where: { kind } });

  it.each<[ArtifactKind, number, number]>([
    ['access', 60, 1],
    ['access', -5, 1],
    ['access', -60, 0],
    ['service', -60, 0],
    ['interaction', -60, 0],
    ['session', -60, 0],
    ['request', -60, 0],
    ['code', -60, 1],
    ['code', -DAY - 60, 0],
    ['refresh', -60, 1],
    ['refresh', -DAY - 60, 0],
  ])('of a %s token %i seconds from now leaves %i', async (kind, seconds, left) => {
    await store(kind, seconds);
    await sweepExpiredArtifacts(platform);
    expect(await count(kind)).toBe(left);
    await platform.db.artifact.deleteMany({ where: { kind } });
  });

  it('goes on until nothing is left, however much there is', async () => {
    await platform.db.artifact.createMany({
      data: Array.from({ length: 2_500 }, () => ({
        digest: randomBytes(32),
        kind: 'access',
        payload: {},
        expiresAt: secondsAfter(platform.clock.now(), -60),
      })),
    });
    expect(await sweepExpiredArtifacts(platform)).toBe(2_500);
    expect(await count('access')).toBe(0);
  });
});
