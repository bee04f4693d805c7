import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findAccount, findStanding } from '../../src/accounts/account.ts';
import { listActivity } from '../../src/accounts/area/events.ts';
import { type FactorPolicy, SECOND_FACTOR } from '../../src/accounts/policy.ts';
import {
  endIdleSessions,
  loadHalfSession,
  loadSession,
  startSession,
} from '../../src/accounts/sessions/sessions.ts';
import { completeSession } from '../../src/accounts/sign-in/complete-session.ts';
import type { CompletingFactor } from '../../src/accounts/sign-in/strength.ts';
import {
  createSignUpPass,
  inviteToSignUp,
  spendSignUpPass,
} from '../../src/accounts/sign-up/sign-up-passes.ts';
import {
  addToDomain,
  followAddress,
  joinAtSignUp,
  removeFromDomain,
} from '../../src/accounts/trust-domain-members.ts';
import {
  changeTrustDomain,
  createTrustDomain,
  type DomainRules,
  listTrustDomains,
  MAIN_DOMAIN,
  trustDomainsOf,
} from '../../src/accounts/trust-domains.ts';
import { changeSetting } from '../../src/audit/change-setting.ts';
import { newId } from '../../src/platform/ids.ts';
import type { OpenPlatform } from '../../src/platform/platform.ts';
import { inTransaction } from '../../src/platform/transaction.ts';
import { clockAt, type MovableClock } from '../support/clock.ts';
import { ok } from '../support/developers.ts';
import { createPerson, type Person } from '../support/people.ts';
import { openTestPlatform } from '../support/platform.ts';
import { OPERATOR } from '../support/world.ts';

let platform: OpenPlatform;
let clock: MovableClock;
let made = 0;

beforeAll(async () => {
  clock = clockAt();
  platform = await openTestPlatform({ clock });
});
afterAll(() => platform.close());

async function aDomain(rules: Partial<DomainRules> = {}): Promise<{ id: string; name: string }> {
  made += 1;
  return ok(await createTrustDomain(platform, OPERATOR, { name: `domain-${made}`, ...rules })).domain;
}

async function domainsOf({ id }: Pick<Person, 'id'>): Promise<string[]> {
  const [found, listed] = [await findAccount(platform, id), await trustDomainsOf(platform, id)];
  expect(found?.trustDomains.toSorted()).toEqual(listed.map((domain) => domain.id).toSorted());
  return listed.map(({ name }) => name);
}

const add = (person: Person, { name: domain }: { name: string }) =>
  addToDomain(platform, OPERATOR, { email: person.email, domain });
const remove = (person: Person, { name: domain }: { name: string }) =>
  removeFromDomain(platform, OPERATOR, { email: person.email, domain });
const MAIN = { id: MAIN_DOMAIN, name: 'main' };

describe('a trust domain', () => {
  it('named main is always there, and listed first', async () => {
    await aDomain();
    const [first] = await listTrustDomains(platform);
    expect([first?.id, first?.name]).toEqual([MAIN_DOMAIN, 'main']);
  });

  it.each<[Record<string, unknown>, RegExp]>([
    [{ name: 'Not a name' }, /lower-case/],
    [{ name: '-x' }, /lower-case/],
    [{ name: 'main' }, /exists already/],
    [{ name: 'a', title: '' }, /title/],
    [{ name: 'a', title: 'x\u202e' }, /title/],
    [{ name: 'a', mailDomains: ['nonsense'] }, /mail domain/],
    [{ name: 'a', sessionIdleMinutes: 4 }, /5 to 1440/],
    [{ name: 'a', sessionIdleMinutes: 1441 }, /5 to 1440/],
    [{ name: 'a', sessionHours: 0 }, /1 to 720/],
    [{ name: 'a', sessionHours: 721 }, /1 to 720/],
    [{ name: 'a', secondFactor: 'optional' }, /for more than the installation/],
  ])('is refused with a sentence: %j', async (input, sentence) => {
    const outcome = await createTrustDomain(platform, OPERATOR, input as { name: string });
    expect(outcome).toMatchObject({ ok: false, sentence: expect.stringMatching(sentence) });
  });

  it('keeps what a change does not name', async () => {
    const { name } = await aDomain({ title: 'Staff', mailDomains: ['@Staff.Example'], sessionHours: 8 });
    const { domain } = ok(await changeTrustDomain(platform, OPERATOR, { name, sessionIdleMinutes: 30 }));
    expect(domain).toMatchObject({
      title: 'Staff',
      mailDomains: ['staff.example'],
      sessionHours: 8,
      sessionIdleMinutes: 30,
    });
    const cleared = ok(await changeTrustDomain(platform, OPERATOR, { name, sessionHours: null }));
    expect(cleared.domain.sessionHours).toBeNull();
  });
});

describe('a change of the second factor', () => {
  it('ends the sessions of its accounts that began with a password alone, and no others', async () => {
    await changeSetting(platform, OPERATOR, { setting: SECOND_FACTOR, value: 'optional' });
    const domain = await aDomain();
    const [inside, strong, outside] = [
      await createPerson(platform),
      await createPerson(platform),
      await createPerson(platform),
    ];
    for (const person of [inside, strong]) ok(await add(person, domain));
    const sessions = [
      await signedIn(inside, 'none'),
      await signedIn(strong),
      await signedIn(outside, 'none'),
    ];
    ok(await changeTrustDomain(platform, OPERATOR, { name: domain.name, sessionHours: 100 }));
    const alive = async () =>
      Promise.all(sessions.map(async (secret) => (await loadSession(platform, secret)) !== undefined));
    expect(await alive()).toEqual([true, true, true]);
    ok(await changeTrustDomain(platform, OPERATOR, { name: domain.name, secondFactor: 'everybody' }));
    expect(await alive()).toEqual([false, true, true]);
    await changeSetting(platform, OPERATOR, { setting: SECOND_FACTOR, value: 'everybody' });
  });

  it('is judged when it is made, not when something else changes later', async () => {
    await changeSetting(platform, OPERATOR, { setting: SECOND_FACTOR, value: 'optional' });
    const { name } = await aDomain({ secondFactor: 'members' });
    await changeSetting(platform, OPERATOR, { setting: SECOND_FACTOR, value: 'everybody' });
    expect(
      ok(await changeTrustDomain(platform, OPERATOR, { name, sessionHours: 5 })).domain.secondFactor,
    ).toBe('members');
  });
});

describe('an account', () => {
  it('belongs to main unless its mail domain belongs elsewhere', async () => {
    const domain = await aDomain({ mailDomains: ['staff-1.example'] });
    const customer = await createPerson(platform);
    const employee = await createPerson(platform, { email: 'Ann@STAFF-1.example' });
    const sub = await createPerson(platform, { email: 'ann@mail.staff-1.example' });
    expect(await domainsOf(customer)).toEqual(['main']);
    expect(await domainsOf(employee)).toEqual([domain.name]);
    expect(await domainsOf(sub)).toEqual(['main']);
  });

  it('belongs to main and a domain where both name its mail domain', async () => {
    const domain = await aDomain({ mailDomains: ['staff-2.example'] });
    ok(await changeTrustDomain(platform, OPERATOR, { name: 'main', mailDomains: ['staff-2.example'] }));
    const employee = await createPerson(platform, { email: 'bea@staff-2.example' });
    expect(await domainsOf(employee)).toEqual(['main', domain.name]);
    ok(await changeTrustDomain(platform, OPERATOR, { name: 'main', mailDomains: [] }));
  });

  it('joins the domain of its invitation, and that of its address as well', async () => {
    const [invited, byMail] = [await aDomain(), await aDomain({ mailDomains: ['staff-3.example'] })];
    const person = await createPerson(platform, { email: 'cy@elsewhere.example' });
    await platform.db.trustDomainMember.deleteMany({ where: { accountId: person.id } });
    await inTransaction(platform, (tx) =>
      joinAtSignUp(tx, OPERATOR, {
        accountId: person.id,
        emailKey: 'cy@staff-3.example',
        invitedTo: invited.id,
      }),
    );
    expect(await domainsOf(person)).toEqual([invited.name, byMail.name]);
  });

  it('keeps what it had when an operator adds it, and is signed out to come back by the new rules', async () => {
    const domain = await aDomain();
    const person = await createPerson(platform);
    const secret = await signedIn(person);
    expect(ok(await add(person, domain)).changed).toBe(true);
    expect(ok(await add(person, domain)).changed).toBe(false);
    expect(await domainsOf(person)).toEqual(['main', domain.name]);
    expect(await loadSession(platform, secret)).toBeUndefined();
  });

  it('never loses its last domain, also when two are taken at the same moment', async () => {
    const domain = await aDomain();
    const person = await createPerson(platform);
    expect(await remove(person, MAIN)).toMatchObject({ ok: false, reason: 'last' });
    ok(await add(person, domain));
    const outcomes = await Promise.all([remove(person, MAIN), remove(person, domain)]);
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
    expect(await domainsOf(person)).toHaveLength(1);
  });

  it('that leaves a domain loses every grant', async () => {
    const domain = await aDomain();
    const person = await createPerson(platform);
    ok(await add(person, domain));
    await aGrant(person);
    expect(ok(await remove(person, domain)).changed).toBe(true);
    expect(await platform.db.grant.count({ where: { accountId: person.id, revokedAt: null } })).toBe(0);
  });

  it.each(['nobody@example.com', 'no address', ''])('must exist: %s', async (email) => {
    const outcome = await addToDomain(platform, OPERATOR, { email, domain: 'main' });
    expect(outcome).toMatchObject({ ok: false, reason: 'account' });
  });

  it('must be added to a domain that exists', async () => {
    const person = await createPerson(platform);
    expect(await add(person, { name: 'nowhere' })).toMatchObject({ ok: false, reason: 'domain' });
  });
});

describe('a change of address', () => {
  const follow = (person: Person, emailKey: string) =>
    inTransaction(platform, (tx) => followAddress(tx, OPERATOR, { accountId: person.id, emailKey }));

  it('takes an account out of the domain of its old address, and its grants with it', async () => {
    await aDomain({ mailDomains: ['staff-4.example'] });
    const person = await createPerson(platform, { email: 'dan@staff-4.example' });
    await aGrant(person);
    expect(await follow(person, 'dan@elsewhere.example')).toBe(true);
    expect(await domainsOf(person)).toEqual(['main']);
    expect(await platform.db.grant.count({ where: { accountId: person.id, revokedAt: null } })).toBe(0);
  });

  it('brings it into the domain of the new one, beside what it had', async () => {
    const domain = await aDomain({ mailDomains: ['staff-5.example'] });
    const person = await createPerson(platform);
    expect(await follow(person, 'eva@staff-5.example')).toBe(true);
    expect(await domainsOf(person)).toEqual(['main', domain.name]);
    expect(await follow(person, 'eva@staff-5.example')).toBe(false);
  });

  it('leaves what an operator confirmed', async () => {
    const domain = await aDomain({ mailDomains: ['staff-7.example'] });
    const person = await createPerson(platform, { email: 'gil@staff-7.example' });
    expect(ok(await add(person, domain)).changed).toBe(false);
    expect(await follow(person, 'gil@elsewhere.example')).toBe(false);
    expect(await domainsOf(person)).toEqual([domain.name]);
  });

  it('leaves what an operator or an invitation gave', async () => {
    const domain = await aDomain({ mailDomains: ['staff-6.example'] });
    const given = await aDomain();
    const person = await createPerson(platform, { email: 'fay@staff-6.example' });
    ok(await add(person, given));
    await follow(person, 'fay@elsewhere.example');
    expect(await domainsOf(person)).toEqual([given.name]);
    expect(domain.name).not.toBe(given.name);
  });
});

describe('a sign-up pass', () => {
  it('may carry a domain, for whoever spends it first', async () => {
    const domain = await aDomain();
    const address = { emailKey: 'gus@example.com' };
    await inTransaction(platform, (tx) =>
      createSignUpPass(tx, OPERATOR, address, { trustDomainId: domain.id }),
    );
    const { id } = await platform.db.signUpPass.findFirstOrThrow({ where: address });
    const spent = await Promise.all(
      [1, 2].map(() => inTransaction(platform, (tx) => spendSignUpPass(tx, OPERATOR, id))),
    );
    expect(spent.filter((pass) => pass !== undefined)).toEqual([{ trustDomainId: domain.id }]);
  });

  it('is not made for a domain that does not exist', async () => {
    const outcome = await inviteToSignUp(platform, OPERATOR, { email: 'hal@example.com', domain: 'nowhere' });
    expect(outcome).toMatchObject({ ok: false, reason: 'domain' });
  });
});

describe('the second factor', () => {
  it.each<[FactorPolicy, (FactorPolicy | null)[], boolean]>([
    ['optional', [null], false],
    ['optional', ['optional'], false],
    ['optional', ['everybody'], true],
    ['optional', [null, 'everybody'], true],
    ['optional', ['members'], false],
    ['members', ['everybody', 'members'], true],
    ['everybody', [null], true],
  ])(
    'of an installation where it is %s and domains say %j is needed: %s',
    async (setting, policies, needed) => {
      await changeSetting(platform, OPERATOR, { setting: SECOND_FACTOR, value: setting });
      const person = await createPerson(platform, { totp: false });
      for (const secondFactor of policies) ok(await add(person, await aDomain({ secondFactor })));
      expect((await findStanding(platform, person.id))?.needsSecondFactor).toBe(needed);
      await changeSetting(platform, OPERATOR, { setting: SECOND_FACTOR, value: 'everybody' });
    },
  );
});

describe('a session', () => {
  it('is as short as the strictest of its domains wants', async () => {
    const person = await createPerson(platform);
    ok(await add(person, await aDomain({ sessionIdleMinutes: 60, sessionHours: 3 })));
    ok(await add(person, await aDomain({ sessionIdleMinutes: 10 })));
    const secret = await signedIn(person);
    for (let step = 0; step < 19; step += 1) {
      clock.forward(9.5 * 60);
      const alive = (await loadSession(platform, secret)) !== undefined;
      expect([step, alive]).toEqual([step, (step + 1) * 9.5 < 180]);
    }
  });

  it('lies idle no longer than that, and is ended then with its grants', async () => {
    const person = await createPerson(platform);
    const domain = await aDomain();
    ok(await add(person, domain));
    const secret = await signedIn(person);
    const other = await signedIn(await createPerson(platform));
    ok(await changeTrustDomain(platform, OPERATOR, { name: domain.name, sessionIdleMinutes: 10 }));
    clock.forward(11 * 60);
    expect(await loadSession(platform, secret)).toBeUndefined();
    await endIdleSessions(platform);
    const open = await platform.db.browserSession.count({ where: { accountId: person.id, endedAt: null } });
    expect([open, (await loadSession(platform, other)) !== undefined]).toEqual([0, true]);
  });
});

/** A browser that has proven both factors; answers what its cookie holds. */
async function signedIn({ id: accountId }: Person, factor: CompletingFactor = 'otp'): Promise<string> {
  const origin = { userAgent: 'test', address: '127.0.0.1' };
  const { secret } = await startSession(platform, OPERATOR, { accountId, origin });
  const half = await loadHalfSession(platform, secret);
  const completed = half && (await completeSession(platform, OPERATOR, { half, factor }));
  if (!completed) throw new Error('the session was not completed');
  return completed.handle.secret;
}

async function aGrant({ id: accountId }: Person): Promise<void> {
  const now = clock.now();
  const expiresAt = new Date(now.getTime() + 3_600_000);
  const data = { id: newId(), accountId, clientId: 'app_x', payload: {}, createdAt: now, expiresAt };
  await platform.db.grant.create({ data: { ...data, endsWithSession: false } });
}

describe('the person', () => {
  it('reads of every change in their own activity', async () => {
    const person = await createPerson(platform);
    const domain = await aDomain({ title: 'Example staff' });
    ok(await add(person, domain));
    ok(await remove(person, domain));
    const { activities } = await listActivity(platform, person.id);
    const told = activities.map(({ what }) => what).filter((what) => typeof what === 'object');
    expect(told).toEqual([
      { key: 'events.domain-left', values: { domain: 'Example staff' } },
      { key: 'events.domain-joined', values: { domain: 'Example staff' } },
    ]);
  });
});
