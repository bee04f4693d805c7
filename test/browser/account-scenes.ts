import type { Page } from 'playwright-core';
import { secondsAfter } from '../../src/platform/clock.ts';
import { newId } from '../../src/platform/ids.ts';
import { withPointer } from '../support/browser.ts';
import { givePasskey } from '../support/passkeys.ts';
import { newPerson, type Person } from '../support/world.ts';
import type { Exhibition } from './exhibition.ts';
import { type Scenes, signInHere, signInWithoutPages, toAccountPage } from './scene-steps.ts';

/** The account area: what a person sees of their own. */
export const accountScenes: Scenes = {
  async account(page, world) {
    await page.goto(`${world.url}/sign-in`);
    await signInHere(page, await newPerson(world.platform));
  },
  async 'account-sign-in-methods'(page, world) {
    await toAccountPage(page, world, '/account/sign-in-methods');
  },
  async 'account-sessions'(page, world) {
    const person = await newPerson(world.platform);
    await liveElsewhere(world, person);
    await toAccountPage(page, world, '/account/sessions', person);
  },
  async 'account-sessions-ended'(page, world) {
    const person = await newPerson(world.platform);
    await liveElsewhere(world, person);
    await toAccountPage(page, world, '/account/sessions', person);
    await withPointer(page).press('Sign out everywhere else');
  },
  async 'account-activity'(page, world) {
    const person = await newPerson(world.platform);
    await liveElsewhere(world, person);
    await toAccountPage(page, world, '/account/events', person);
  },
  async 'account-activity-reported'(page, world) {
    const person = await newPerson(world.platform);
    await liveElsewhere(world, person);
    await toAccountPage(page, world, '/account/events', person);
    await page.getByRole('button', { name: "This wasn't me" }).first().click();
    await page.waitForURL('**/report');
  },
  async 'account-data'(page, world) {
    await toAccountPage(page, world, '/account/data');
  },
  async 'account-under-way'(page, world) {
    const person = await newPerson(world.platform);
    await toAccountPage(page, world, '/account', person);
    await somethingUnderWay(world, person);
    await page.reload();
  },
  async passkeys(page, world) {
    await toPasskeys(page, world, 2);
  },
  async 'passkeys-none'(page, world) {
    await toPasskeys(page, world, 0);
  },
  async 'passkeys-new'(page, world) {
    await toPasskeys(page, world, 0);
    await withPointer(page).follow('Add a passkey');
  },
  async 'passkeys-one'(page, world) {
    await toPasskeys(page, world, 1);
    await withPointer(page).follow('Rename or remove iCloud Keychain');
  },
  async 'passkeys-removal'(page, world) {
    await toPasskeys(page, world, 1);
    await withPointer(page).follow('Rename or remove iCloud Keychain');
    await withPointer(page).follow('Remove passkey');
  },
};

export const PHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';

/** Signed in on a phone and in a program that does not say what it is. */
export async function liveElsewhere(world: Pick<Exhibition, 'platform'>, { id }: Person): Promise<void> {
  await signInWithoutPages(world, id, { userAgent: PHONE, address: '2001:db8:12:34::1' });
  await signInWithoutPages(world, id, { userAgent: '', address: '203.0.113.77' });
}

/** Everything that a banner tells of, at the same time. */
async function somethingUnderWay({ platform }: Exhibition, { id }: Person): Promise<void> {
  const now = platform.clock.now();
  const soon = secondsAfter(now, 3 * 86_400);
  await platform.db.account.update({ where: { id }, data: { closesAt: soon, frozenUntil: soon } });
  const times = { createdAt: now, dueAt: soon, expiresAt: secondsAfter(soon, 86_400) };
  await platform.db.factorReset.create({ data: { id: newId(), accountId: id, ...times } });
}

async function toPasskeys(page: Page, world: Exhibition, count: number): Promise<void> {
  const person = await newPerson(world.platform);
  const aaguid = 'fbfc3007-154e-4ecc-8c0b-6e020557d7bd';
  for (let n = 0; n < count; n += 1) await givePasskey(world.platform, person.id, { aaguid });
  await toAccountPage(page, world, '/account/sign-in-methods/passkeys', person);
}
