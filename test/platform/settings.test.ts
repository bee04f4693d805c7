import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { changeSetting } from '../../src/audit/change-setting.ts';
import type { OpenPlatform } from '../../src/platform/platform.ts';
import { defineSetting, openSettings } from '../../src/platform/settings.ts';
import { openTestPlatform } from '../support/platform.ts';
import { OPERATOR } from '../support/world.ts';

const COLOR = defineSetting({
  name: 'test.color',
  schema: z.enum(['red', 'blue']),
  fallback: 'red',
  about: 'A color.',
});

let platform: OpenPlatform;
beforeAll(async () => {
  platform = await openTestPlatform();
});
afterAll(() => platform.close());

it('is its default until somebody sets it, then what was set, on record', async () => {
  expect(platform.settings.get(COLOR)).toBe('red');
  await changeSetting(platform, OPERATOR, { setting: COLOR, value: 'blue' });
  expect(platform.settings.get(COLOR)).toBe('blue');
  const [event] = await platform.db.auditEvent.findMany({ where: { action: 'setting.changed' } });
  expect(event).toMatchObject({ targetId: 'test.color', details: { value: '"blue"' } });
});

it('reaches another process when that one looks again', async () => {
  const elsewhere = await openSettings(platform.db, platform.log);
  await changeSetting(platform, OPERATOR, { setting: COLOR, value: 'red' });
  await changeSetting(platform, OPERATOR, { setting: COLOR, value: 'blue' });
  await elsewhere.refresh();
  expect(elsewhere.get(COLOR)).toBe('blue');
});

it('is its default where the row is not understood', async () => {
  await platform.db.setting.update({ where: { name: 'test.color' }, data: { value: 'purple' } });
  await platform.settings.refresh();
  expect(platform.settings.get(COLOR)).toBe('red');
});
