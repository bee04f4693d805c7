import { afterAll, beforeAll, expect, it } from 'vitest';
import { hasObligation, setObligations } from '../../src/accounts/obligations.ts';
import type { OpenPlatform } from '../../src/platform/platform.ts';
import { createPerson } from '../support/people.ts';
import { openTestPlatform } from '../support/platform.ts';
import { OPERATOR } from '../support/world.ts';

let platform: OpenPlatform;
beforeAll(async () => {
  platform = await openTestPlatform();
});
afterAll(() => platform.close());

it('lasts as long as one source demands it', async () => {
  const { id: accountId } = await createPerson(platform);
  const demand = { accountId, kind: 'hold-closing' } as const;
  const held = () => hasObligation(platform, accountId, 'hold-closing');
  expect(await held()).toBe(false);
  await setObligations(platform, OPERATOR, { source: 'organization:a', demands: [demand] });
  await setObligations(platform, OPERATOR, { source: 'organization:b', demands: [demand] });
  expect(await held()).toBe(true);
  await setObligations(platform, OPERATOR, { source: 'organization:a', demands: [] });
  expect(await held()).toBe(true);
  await setObligations(platform, OPERATOR, { source: 'organization:b', demands: [] });
  expect(await held()).toBe(false);
});

it('is recorded when it changes, and only then', async () => {
  const { id: accountId } = await createPerson(platform);
  const source = `organization:${accountId}`;
  const demands = [{ accountId, kind: 'second-factor' }] as const;
  await setObligations(platform, OPERATOR, { source, demands });
  await setObligations(platform, OPERATOR, { source, demands });
  const where = { action: 'obligation.changed', targetId: source };
  expect(await platform.db.auditEvent.count({ where })).toBe(1);
});

it('asks nothing of an account that was erased, and of the others all the same', async () => {
  const [gone, { id: accountId }] = [await createPerson(platform), await createPerson(platform)];
  await platform.db.account.delete({ where: { id: gone.id } });
  const demands = [gone.id, accountId].map((id) => ({ accountId: id, kind: 'second-factor' as const }));
  await setObligations(platform, OPERATOR, { source: 'organization:c', demands });
  expect(await hasObligation(platform, accountId, 'second-factor')).toBe(true);
  expect(await hasObligation(platform, gone.id, 'second-factor')).toBe(false);
});
