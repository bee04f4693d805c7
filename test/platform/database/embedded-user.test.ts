import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { canReach, chooseLaunch } from '../../../src/platform/database/embedded-user.ts';

const folder = mkdtempSync('/tmp/gatehouse-reach-');
afterAll(() => rmSync(folder, { recursive: true }));

describe('what another user can reach', () => {
  const stranger = { uid: 65_533, gid: 65_533 };
  mkdirSync(join(folder, 'inside'), { mode: 0o755 });
  symlinkSync(join(folder, 'inside'), join(folder, 'link'));

  it.each([
    [0o755, true],
    [0o711, true],
    [0o700, false],
    [0o750, false],
    [0o766, false],
  ])('below a folder of mode %o: %s', (mode, reachable) => {
    chmodSync(folder, mode);
    expect(canReach(join(folder, 'inside'), stranger)).toBe(reachable);
    expect(canReach(join(folder, 'link'), stranger)).toBe(reachable);
  });

  it('is everything for the owner of the folders', () => {
    chmodSync(folder, 0o700);
    const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
    expect(canReach(join(folder, 'inside'), owner)).toBe(true);
  });
});

describe('how PostgreSQL is run', () => {
  it('is never as root', () => {
    const { user, command } = chooseLaunch(undefined);
    const [program] = command('postgres', ['-D', 'x']);
    const isRoot = process.getuid?.() === 0;
    expect(isRoot ? user !== undefined || program === 'unshare' : program === 'postgres').toBe(true);
  });

  it.runIf(process.getuid?.() === 0)('is as the owner of an existing database, where root is asked', () => {
    expect(chooseLaunch({ uid: 1_234, gid: 1_235 }).user).toEqual({ uid: 1_234, gid: 1_235 });
  });
});
