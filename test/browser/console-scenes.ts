import type { Page } from 'playwright-core';
import { suspendAccount } from '../../src/admin/accounts/account-acts.ts';
import { askForSecondPerson } from '../../src/admin/two-person-acts.ts';
import { recordEvent } from '../../src/audit/trail.ts';
import { listAlerts } from '../../src/defense/alert-list.ts';
import { raiseAlert } from '../../src/defense/alerts.ts';
import { noteRefused } from '../../src/defense/limits/refused-now.ts';
import { startSuspension } from '../../src/defense/suspensions/start.ts';
import { createOrganization } from '../../src/developers/organizations/organization.ts';
import { rotateSigningKeys } from '../../src/oidc/signing-keys.ts';
import { newId } from '../../src/platform/ids.ts';
import { withPointer } from '../support/browser.ts';
import { ok } from '../support/developers.ts';
import { anOperator, asOperator } from '../support/operators.ts';
import { newPerson, OPERATOR } from '../support/world.ts';
import type { Exhibition } from './exhibition.ts';
import { type Scenes, toAccountPage } from './scene-steps.ts';

/** The console of whoever runs the installation: its home, people, alerts, limits, events, operators, acts of two. */
export const consoleScenes: Scenes = {
  'console-home-calm': (page, world) => asBoss(page, world, '/admin'),
  'console-home-busy': async (page, world) => {
    await withAlert(world);
    await withAct(world, asOperator(await anOperator(world.platform, 'security')));
    await asBoss(page, world, '/admin');
  },
  'console-accounts': (page, world) => asBoss(page, world, '/admin/accounts'),
  'console-accounts-nobody': async (page, world) => {
    await asBoss(page, world, '/admin/accounts');
    await page.getByLabel('Email address or account ID').fill('nobody@example.org');
    await withPointer(page).press('Look up');
  },
  'console-account': async (page, world) => {
    const { id } = await newPerson(world.platform);
    await createOrganization(world.platform, OPERATOR, {
      name: 'Donaudampfschifffahrt e. V.',
      accountId: id,
    });
    await asBoss(page, world, `/admin/accounts/${id}`);
  },
  'console-account-suspended': async (page, world) => {
    const { id: accountId } = await newPerson(world.platform);
    const reason = 'They called us: the laptop was stolen and is signed in.';
    ok(await suspendAccount(world.platform, OPERATOR, { accountId, reason, hours: 24 }));
    await asBoss(page, world, `/admin/accounts/${accountId}`);
  },
  'console-account-suspension': async (page, world) => {
    const { id } = await newPerson(world.platform);
    await asBoss(page, world, `/admin/accounts/${id}/suspension`);
    await withPointer(page).press('Suspend account');
  },
  'console-account-factors': async (page, world) => {
    const { id } = await newPerson(world.platform);
    await asBoss(page, world, `/admin/accounts/${id}/factor-reset`);
  },
  'console-alerts': async (page, world) => {
    await withAlert(world);
    await asBoss(page, world, '/admin/alerts');
  },
  'console-alert': async (page, world) => {
    await withAlert(world);
    const [first] = (await listAlerts(world.platform, { open: true })).alerts;
    await asBoss(page, world, `/admin/alerts/${first?.id}`);
  },
  'console-limits': async (page, world) => {
    noteRefused(world.platform, 'sign-in', '2001:db8:1234:5678::/64');
    noteRefused(world.platform, 'portal-changes', newId());
    await asBoss(page, world, '/admin/limits');
  },
  'console-limits-problem': async (page, world) => {
    await asBoss(page, world, '/admin/limits');
    await page.locator('form').last().getByRole('button').click();
  },
  'console-events': async (page, world) => {
    for (let i = 0; i < 30; i++)
      await recordEvent(
        world.platform,
        OPERATOR,
        'suspension.moved',
        { kind: 'suspension', id: newId() },
        {
          ...{ kind: 'access-writes', state: 'pause', level: i, rule: 'redirect-mismatch' },
        },
      );
    await asBoss(page, world, '/admin/events');
  },
  'console-events-none': (page, world) => asBoss(page, world, '/admin/events?target=nothing'),
  'console-events-problem': (page, world) => asBoss(page, world, '/admin/events?from=yesterday'),
  'console-keys': async (page, world) => {
    await rotateSigningKeys(world.platform, OPERATOR);
    await asBoss(page, world, '/admin/keys');
  },
  'console-keys-rotation': async (page, world) => {
    await asBoss(page, world, '/admin/keys/rotation');
    await withPointer(page).press('Rotate signing keys');
  },
  'console-operators': (page, world) => asBoss(page, world, '/admin/operators'),
  'console-operators-new': async (page, world) => {
    await asBoss(page, world, '/admin/operators/new');
    await page.getByLabel('Email address').fill('nobody@example.org');
    await withPointer(page).press('Add operator');
  },
  'console-operator': async (page, world) => {
    const other = await anOperator(world.platform, 'support', { name: 'Sam Support' });
    await asBoss(page, world, `/admin/operators/${other.id}`);
  },
  'console-operator-removal': async (page, world) => {
    const other = await anOperator(world.platform, 'support', { name: 'Sam Support' });
    await asBoss(page, world, `/admin/operators/${other.id}/removal`);
  },
  'console-acts': async (page, world) => {
    await withAct(world, OPERATOR);
    await asBoss(page, world, '/admin/two-person-acts');
  },
  'console-act': async (page, world) => {
    const id = await withAct(world, asOperator(await anOperator(world.platform, 'security')));
    await asBoss(page, world, `/admin/two-person-acts/${id}`);
  },
  'console-act-own': async (page, world) => {
    const boss = await anOperator(world.platform, 'administrator', { name: 'Bo Boss' });
    const id = await withAct(world, asOperator(boss));
    await toAccountPage(page, world, `/admin/two-person-acts/${id}`, boss);
  },
  'console-role-may-not': async (page, world) => {
    const support = await anOperator(world.platform, 'support');
    await toAccountPage(page, world, '/admin/operators', support);
  },
};

async function asBoss(page: Page, world: Exhibition, path: string): Promise<void> {
  const boss = await anOperator(world.platform, 'administrator', { name: 'Bo Boss' });
  await toAccountPage(page, world, path, boss);
}

async function withAlert({ platform }: Exhibition): Promise<void> {
  const evidence = { failures: 4812, accounts: 3977, networks: 12, since: '2026-11-20T12:00:00Z' };
  for (let i = 0; i < 3; i++)
    await raiseAlert(platform, { kind: 'stuffing', about: newId(), severity: 'page', evidence });
}

/** A suspension that waits for a human, and somebody who wants to end it. */
async function withAct(
  { platform }: Exhibition,
  actor: Parameters<typeof askForSecondPerson>[1],
): Promise<string> {
  const { id: accountId } = await newPerson(platform);
  const wish = { kind: 'account', ids: { accountId }, note: 'Stolen.' } as const;
  const { suspension } = ok(await startSuspension(platform, OPERATOR, wish));
  const asked = await askForSecondPerson(platform, actor, {
    ...{ act: 'end-suspension', input: { suspension: suspension.id } },
    reason: 'The owner proved who they are and changed every password.',
  });
  return ok(asked).id;
}
