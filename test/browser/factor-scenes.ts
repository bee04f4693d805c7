import type { Page } from 'playwright-core';
import { TRUSTED_BROWSERS } from '../../src/accounts/policy.ts';
import { issueRecoveryCodes } from '../../src/accounts/credentials/renew-recovery-codes.ts';
import { trustBrowser } from '../../src/accounts/sessions/trusted-browsers.ts';
import { changeSetting } from '../../src/audit/change-setting.ts';
import { secondsAfter } from '../../src/platform/clock.ts';
import { newId } from '../../src/platform/ids.ts';
import { inTransaction } from '../../src/platform/transaction.ts';
import { withPointer } from '../support/browser.ts';
import { codeFromMailbox } from '../support/people.ts';
import { Visitor } from '../support/visitor.ts';
import { codeOf, newPerson, OPERATOR, type Person } from '../support/world.ts';
import { PHONE } from './account-scenes.ts';
import type { Exhibition } from './exhibition.ts';
import { enter, type Scenes, toAccountPage, toEnrolment } from './scene-steps.ts';

const METHODS = '/account/sign-in-methods';

/** The second factors: at the sign-in, lost, and on their owner's pages. */
export const factorScenes: Scenes = {
  async 'enrolment-codes'(page, world) {
    await toEnrolment(page, world, 'saves-codes@example.org');
    await setUp(page);
  },
  async 'second-factor-trust'(page, world) {
    await changeSetting(world.platform, OPERATOR, { setting: TRUSTED_BROWSERS, value: true });
    await toSecondFactor(page, world);
  },
  async 'second-factor-other-ways'(page, world) {
    await toSecondFactor(page, world);
    await withPointer(page).unfold('Try another way');
  },
  async 'recovery-code'(page, world) {
    await toRecoveryCode(page, world);
  },
  async 'recovery-code-wrong'(page, world) {
    await toRecoveryCode(page, world);
    await withPointer(page).fill('Recovery code', '000000-000000-000000-000000');
    await withPointer(page).press('Continue');
  },
  async 'recovery-code-used'(page, world) {
    const codes = await toRecoveryCode(page, world);
    await withPointer(page).fill('Recovery code', String(codes[0]));
    await withPointer(page).press('Continue');
  },
  async 'lost-factor'(page, world) {
    await toLostFactor(page, world);
  },
  async 'lost-factor-code'(page, world) {
    await toLostFactor(page, world);
    await withPointer(page).press('Send me a code');
  },
  async 'lost-factor-waiting'(page, world) {
    const person = await toLostFactor(page, world);
    await typeMailedCode(page, world, person, 'Send me a code');
  },
  async 'second-factor-reset-waits'(page, world) {
    await toSecondFactor(page, world, await resetting(world, 86_400));
  },
  async 'second-factor-reset-due'(page, world) {
    await toSecondFactor(page, world, await resetting(world, -60));
  },
  async 'lost-factor-due'(page, world) {
    await toLostFactor(page, world, await resetting(world, -60));
  },
  async 'lost-factor-authenticator'(page, world) {
    const person = await toLostFactor(page, world, await resetting(world, -60));
    await typeMailedCode(page, world, person, 'Set up a new authenticator app');
  },
  async 'lost-factor-done'(page, world) {
    const person = await toLostFactor(page, world, await resetting(world, -60));
    await typeMailedCode(page, world, person, 'Set up a new authenticator app');
    await setUp(page, 'Replace my second factor');
  },
  async authenticators(page, world) {
    await toAccountPage(page, world, `${METHODS}/authenticators`);
  },
  async 'authenticators-new'(page, world) {
    await toAccountPage(page, world, `${METHODS}/authenticators/new`);
  },
  async 'authenticators-new-wrong-code'(page, world) {
    await toAccountPage(page, world, `${METHODS}/authenticators/new`);
    await withPointer(page).fill('One-time code', '000000');
    await withPointer(page).press('Add an authenticator app');
  },
  async 'authenticators-added'(page, world) {
    await toAccountPage(page, world, `${METHODS}/authenticators/new`);
    await setUp(page, 'Add an authenticator app');
  },
  async 'authenticators-one'(page, world) {
    await toAccountPage(page, world, `${METHODS}/authenticators`);
    await withPointer(page).follow('Change');
  },
  async 'authenticators-last'(page, world) {
    await toAccountPage(page, world, `${METHODS}/authenticators`);
    await withPointer(page).follow('Change');
    await withPointer(page).press('Remove authenticator app');
  },
  async 'recovery-codes'(page, world) {
    await toAccountPage(page, world, `${METHODS}/recovery-codes`);
  },
  async 'recovery-codes-made'(page, world) {
    await toAccountPage(page, world, `${METHODS}/recovery-codes`);
    await withPointer(page).press('Make new codes');
  },
  async 'trusted-browsers'(page, world) {
    const person = await newPerson(world.platform);
    await trusting(world, person);
    await toAccountPage(page, world, `${METHODS}/trusted-browsers`, person);
  },
  async 'trusted-browsers-removed'(page, world) {
    const person = await newPerson(world.platform);
    await trusting(world, person);
    await toAccountPage(page, world, `${METHODS}/trusted-browsers`, person);
    await page.getByRole('button', { name: 'Ask again' }).first().click();
    await page.waitForURL('**/trusted-browsers?**');
  },
  async 'sign-in-methods-all'(page, world) {
    const person = await newPerson(world.platform);
    await trusting(world, person);
    await newCodes(world, person);
    await toAccountPage(page, world, METHODS, person);
  },
};

/** Types the code of the key that the page shows. */
async function setUp(page: Page, button = 'Continue'): Promise<void> {
  const key = await page.locator('.key').textContent();
  const hands = withPointer(page);
  await hands.fill('One-time code', await codeOf({ seed: String(key).replaceAll(/\s/g, '') }));
  await hands.press(button);
}

async function toSecondFactor(page: Page, world: Exhibition, given?: Person): Promise<Person> {
  const person = given ?? (await newPerson(world.platform));
  await page.goto(`${world.url}/sign-in`);
  await enter(withPointer(page), person);
  return person;
}

async function toRecoveryCode(page: Page, world: Exhibition): Promise<readonly string[]> {
  const person = await newPerson(world.platform);
  const codes = await newCodes(world, person);
  await toSecondFactor(page, world, person);
  await withPointer(page).unfold('Try another way');
  await withPointer(page).follow('Use a recovery code');
  return codes;
}

async function toLostFactor(page: Page, world: Exhibition, given?: Person): Promise<Person> {
  const person = await toSecondFactor(page, world, given);
  await withPointer(page).unfold('Try another way');
  await withPointer(page).follow('I lost access to all of these');
  return person;
}

async function typeMailedCode(page: Page, { url }: Exhibition, person: Person, button: string) {
  const hands = withPointer(page);
  await hands.press(button);
  await hands.fill('Verification code', await codeFromMailbox(new Visitor(url), person.email));
  await hands.press('Continue');
}

async function newCodes({ platform }: Exhibition, { id }: Person): Promise<readonly string[]> {
  const issued = await issueRecoveryCodes(platform, { kind: 'account', id }, id);
  return issued.recoveryCodes;
}

/** Somebody whose reset is due in so many seconds. */
async function resetting({ platform }: Exhibition, seconds: number): Promise<Person> {
  const person = await newPerson(platform);
  const now = platform.clock.now();
  const dueAt = secondsAfter(now, seconds);
  const times = {
    createdAt: secondsAfter(dueAt, -72 * 3600),
    dueAt,
    expiresAt: secondsAfter(now, 7 * 86_400),
  };
  await platform.db.factorReset.create({ data: { id: newId(), accountId: person.id, ...times } });
  return person;
}

async function trusting({ platform }: Exhibition, { id: accountId }: Person): Promise<void> {
  const actor = { kind: 'account', id: accountId } as const;
  for (const userAgent of [PHONE, ''])
    await inTransaction(platform, (tx) => trustBrowser(tx, actor, { accountId, userAgent }));
}
