import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  endAllSessions,
  forgiveAccount,
  resumeAccount,
  suspendAccount,
  takeFactors,
} from '../../src/admin/accounts/account-acts.ts';
import { findByExactName } from '../../src/admin/accounts/account-overview.ts';
import { endEarly } from '../../src/admin/suspensions/end-early.ts';
import type { Actor } from '../../src/audit/actor.ts';
import { listSignInMethods } from '../../src/accounts/area/sign-in-methods.ts';
import { listSessions } from '../../src/accounts/sessions/session-list.ts';
import { suspensionsOf } from '../../src/defense/suspensions/list.ts';
import { countTry } from '../../src/defense/lockouts.ts';
import type { OpenPlatform } from '../../src/platform/platform.ts';
import { ok, operator as cli } from '../support/developers.ts';
import { anOperator, asOperator } from '../support/operators.ts';
import { createPerson } from '../support/people.ts';
import { openTestPlatform } from '../support/platform.ts';
import { newSession } from '../support/sessions.ts';

let platform: OpenPlatform;
beforeAll(async () => {
  platform = await openTestPlatform();
});
afterAll(() => platform.close());

const REASON = 'They called us: the laptop was stolen.';
const live = async (accountId: string) =>
  (await suspensionsOf(platform, { accountId, live: true })).suspensions;

describe('an account', () => {
  it('is found by its exact address or id alone', async () => {
    const { id, email } = await createPerson(platform);
    expect(await findByExactName(platform, ` ${email.toUpperCase()} `)).toBe(id);
    expect(await findByExactName(platform, id)).toBe(id);
    for (const part of [email.slice(0, 5), '%', 'example.com', ''])
      expect(await findByExactName(platform, part)).toBeUndefined();
  });

  it('is suspended with a reason, until a time, and resumed', async () => {
    const support = asOperator(await anOperator(platform, 'support'));
    const { id: accountId } = await createPerson(platform);
    expect(await suspendAccount(platform, support, { accountId, reason: 'so', hours: 24 })).toMatchObject({
      reason: 'reason',
    });
    ok(await suspendAccount(platform, support, { accountId, reason: REASON, hours: 24 }));
    expect(await live(accountId)).toMatchObject([{ kind: 'account', state: 'pause', note: REASON }]);
    ok(await resumeAccount(platform, support, { accountId }));
    expect(await live(accountId)).toEqual([]);
    expect(await resumeAccount(platform, support, { accountId })).toMatchObject({ reason: 'suspension' });
  });

  it('that is suspended until people end it needs two of them', async () => {
    const support = asOperator(await anOperator(platform, 'support'));
    const { id: accountId } = await createPerson(platform);
    ok(await suspendAccount(platform, support, { accountId, reason: REASON }));
    expect(await resumeAccount(platform, support, { accountId })).toMatchObject({ reason: 'second-person' });
    expect(await live(accountId)).toHaveLength(1);
  });

  it('loses every session, every lost factor, and the failures that others made for it', async () => {
    const support = asOperator(await anOperator(platform, 'support'));
    const { id: accountId, email } = await createPerson(platform);
    await newSession(platform, accountId);
    expect(ok(await endAllSessions(platform, support, { accountId })).ended).toBe(1);
    expect((await listSessions(platform, accountId)).sessions).toEqual([]);
    ok(await takeFactors(platform, support, { accountId, reason: REASON }));
    expect((await listSignInMethods(platform, accountId)).authenticators).toEqual([]);
    const attempt = { factor: 'password', subject: email, accountId } as const;
    for (let i = 0; i < 7; i++) await countTry(platform, attempt);
    expect((await countTry(platform, attempt)).ok).toBe(false);
    ok(await forgiveAccount(platform, support, { accountId }));
    expect((await countTry(platform, attempt)).ok).toBe(true);
  });

  it('of an operator is changed by administrators alone, and by nobody their own', async () => {
    const support = await anOperator(platform, 'support');
    const boss = await anOperator(platform, 'administrator');
    const rules = [endAllSessions, takeFactors, suspendAccount, resumeAccount, forgiveAccount];
    for (const rule of rules) {
      const to = (accountId: string) => ({ accountId, reason: REASON, hours: 1 });
      expect(await rule(platform, asOperator(support), to(boss.id))).toMatchObject({ reason: 'operator' });
      expect(await rule(platform, asOperator(boss), to(boss.id))).toMatchObject({ reason: 'own' });
      const security = asOperator(await anOperator(platform, 'security'));
      const { id } = await createPerson(platform);
      expect(await rule(platform, security, to(id))).toMatchObject({ reason: 'not-allowed' });
      expect(await rule(platform, { kind: 'account', id: boss.id }, to(id))).toMatchObject({
        reason: 'not-allowed',
      });
    }
    ok(await endAllSessions(platform, asOperator(boss), { accountId: support.id }));
    const stop = { accountId: support.id, reason: REASON, hours: 24 };
    const { suspension } = ok(await suspendAccount(platform, asOperator(boss), stop));
    const security = asOperator(await anOperator(platform, 'security'));
    const end = (actor: Actor) => endEarly(platform, actor, { suspension: suspension.id });
    expect(await end(security)).toMatchObject({ reason: 'operator' });
    expect(await live(support.id)).toHaveLength(1);
    expect(await end(asOperator(boss))).toMatchObject({ outcome: 'ended' });
    ok(await endAllSessions(platform, cli, { accountId: boss.id }));
  });
});
