import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  addOperator,
  changeOperatorRole,
  eraseFromConsole,
  listOperators,
  removeOperator,
  roleOfOperator,
} from '../../src/admin/operators.ts';
import { closeDueAccounts, findClosing, requestClosing } from '../../src/accounts/area/closing.ts';
import { findAccount } from '../../src/accounts/account.ts';
import { waitingLetters } from '../../src/platform/mail/outbox.ts';
import type { OpenPlatform } from '../../src/platform/platform.ts';
import { clockAt } from '../support/clock.ts';
import { ok, operator as cli } from '../support/developers.ts';
import { anOperator, asOperator } from '../support/operators.ts';
import { createPerson } from '../support/people.ts';
import { openTestPlatform } from '../support/platform.ts';
import { newSession } from '../support/sessions.ts';

let platform: OpenPlatform;
const clock = clockAt();
beforeAll(async () => {
  platform = await openTestPlatform({ clock });
});
beforeEach(async () => {
  await platform.db.operator.deleteMany();
  await platform.db.letter.deleteMany();
});
afterAll(() => platform.close());

const lettersTo = async (email: string) =>
  (await waitingLetters(platform)).filter(({ to }) => to === email).map(({ text }) => text);

describe('an operator', () => {
  it('is made from the command line, whatever the spelling of the address', async () => {
    const person = await createPerson(platform);
    ok(await addOperator(platform, cli, { email: person.email.toUpperCase(), role: 'administrator' }));
    expect(await roleOfOperator(platform, person.id)).toBe('administrator');
    expect(await findAccount(platform, person.id)).toMatchObject({ operator: true });
    expect(await listOperators(platform)).toMatchObject([
      { accountId: person.id, email: person.email, role: 'administrator', addedBy: 'cli:tester' },
    ]);
  });

  it('is nobody without an account, with an address that is not proven, or with another role than ours', async () => {
    const unproven = await createPerson(platform, { verified: false });
    const add = (email: string, role = 'support') => addOperator(platform, cli, { email, role });
    expect(await add('nobody@example.com')).toMatchObject({ reason: 'account' });
    expect(await add(unproven.email)).toMatchObject({ reason: 'account' });
    expect(await add((await createPerson(platform)).email, 'owner')).toMatchObject({ reason: 'role' });
    expect(await listOperators(platform)).toEqual([]);
  });

  it('is made and changed by administrators alone, whatever somebody calls themselves', async () => {
    const [boss, auditor] = [
      await anOperator(platform, 'administrator'),
      await anOperator(platform, 'auditor'),
    ];
    const { email } = await createPerson(platform);
    const wish = { email, role: 'support' };
    for (const actor of [
      asOperator(auditor),
      asOperator(await createPerson(platform)),
      { kind: 'account', id: boss.id } as const,
    ]) {
      expect(await addOperator(platform, actor, wish)).toMatchObject({ reason: 'not-allowed' });
      expect(await removeOperator(platform, actor, { accountId: boss.id })).toMatchObject({
        reason: 'not-allowed',
      });
    }
    ok(await addOperator(platform, asOperator(boss), wish));
    expect(await addOperator(platform, asOperator(boss), wish)).toMatchObject({ reason: 'operator' });
  });

  it('does not change their own role', async () => {
    const boss = await anOperator(platform, 'administrator');
    await anOperator(platform, 'administrator');
    const wish = { accountId: boss.id, role: 'support' };
    expect(await changeOperatorRole(platform, asOperator(boss), wish)).toMatchObject({ reason: 'own-role' });
    ok(await removeOperator(platform, asOperator(boss), { accountId: boss.id }));
    expect(await roleOfOperator(platform, boss.id)).toBeUndefined();
    expect(await findAccount(platform, boss.id)).toMatchObject({ operator: false });
  });

  it('is mailed of by a letter to every operator, and to whoever is removed', async () => {
    const boss = await anOperator(platform, 'administrator');
    const newcomer = await createPerson(platform, { name: 'Nora New' });
    ok(await addOperator(platform, asOperator(boss), { email: newcomer.email, role: 'support' }));
    for (const { email } of [boss, newcomer]) {
      const [text = ''] = await lettersTo(email);
      expect(text).toContain('became an operator');
      expect(text).not.toMatch(/Nora|@/);
    }
    await platform.db.letter.deleteMany();
    ok(await removeOperator(platform, asOperator(boss), { accountId: newcomer.id }));
    expect(await lettersTo(newcomer.email)).toHaveLength(1);
    expect(await lettersTo(boss.email)).toHaveLength(1);
  });
});

describe('the last administrator', () => {
  it('stays, whoever asks', async () => {
    const boss = await anOperator(platform, 'administrator');
    for (const change of [
      () => removeOperator(platform, cli, { accountId: boss.id }),
      () => changeOperatorRole(platform, cli, { accountId: boss.id, role: 'auditor' }),
    ])
      expect(await change()).toMatchObject({ reason: 'last-administrator' });
  });

  it('is one of two who remove each other at the same moment', async () => {
    const [one, two] = [
      await anOperator(platform, 'administrator'),
      await anOperator(platform, 'administrator'),
    ];
    const outcomes = await Promise.all([
      removeOperator(platform, asOperator(one), { accountId: two.id }),
      removeOperator(platform, asOperator(two), { accountId: one.id }),
    ]);
    expect(outcomes.filter(({ ok: done }) => done)).toHaveLength(1);
    expect(await listOperators(platform)).toHaveLength(1);
  });

  it('cannot close their account until there is another', async () => {
    const first = await createPerson(platform);
    const second = await createPerson(platform);
    ok(await addOperator(platform, cli, { email: first.email, role: 'administrator' }));
    const session = await newSession(platform, first.id);
    expect(await requestClosing(platform, asOperator(first), session)).toMatchObject({ reason: 'held' });
    ok(await addOperator(platform, cli, { email: second.email, role: 'administrator' }));
    expect(await findClosing(platform, first.id)).toMatchObject({ held: false });
    ok(await requestClosing(platform, asOperator(first), session));
    clock.forward(8 * 86_400);
    expect(await closeDueAccounts(platform, [eraseFromConsole])).toBe(1);
    expect(await listOperators(platform)).toMatchObject([{ accountId: second.id }]);
    expect(await findClosing(platform, second.id)).toMatchObject({ held: true });
  });
});
