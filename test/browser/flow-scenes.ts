import type { Page } from 'playwright-core';
import { requestClosing } from '../../src/accounts/area/closing.ts';
import { setObligations } from '../../src/accounts/obligations.ts';
import { SIGN_UP, SIGN_UP_DOMAINS } from '../../src/accounts/policy.ts';
import { inviteToSignUp } from '../../src/accounts/sign-up/sign-up-passes.ts';
import { changeSetting } from '../../src/audit/change-setting.ts';
import { waitingLetters } from '../../src/platform/mail/outbox.ts';
import type { Setting } from '../../src/platform/settings.ts';
import { withPointer } from '../support/browser.ts';
import { newSession } from '../support/sessions.ts';
import { newPerson, OPERATOR, type Person } from '../support/world.ts';
import type { Exhibition } from './exhibition.ts';
import { type Scenes, toAccountPage } from './scene-steps.ts';

const LONG = 'a.rather-long-name.for-an-address@mail.department.example.org';
const PASSWORD_PAGE = '/account/sign-in-methods/password';

/** Resets, changes and closing; the policy of sign-up comes last, because it holds for the whole exhibition. */
export const flowScenes: Scenes = {
  async 'password-reset'(page, { url }) {
    await page.goto(`${url}/password-reset`);
  },
  async 'password-reset-no-address'(page, { url }) {
    await page.goto(`${url}/password-reset`);
    await withPointer(page).fill('Email', 'nobody@nowhere@example.org');
    await page.locator('form').evaluate((form: HTMLFormElement) => {
      form.noValidate = true;
    });
    await withPointer(page).press('Send a code');
  },
  async 'password-reset-code'(page, world) {
    await askReset(page, world, LONG);
  },
  async 'password-reset-code-wrong'(page, world) {
    await askReset(page, world, 'wrong@example.org');
    await typeCode(page, '0000 0000', 'Continue');
  },
  async 'password-reset-password'(page, world) {
    await toNewPassword(page, world);
  },
  async 'password-reset-password-weak'(page, world) {
    await toNewPassword(page, world);
    await withPointer(page).fill('New password', 'password1');
    await withPointer(page).press('Save the new password');
  },
  async 'password-reset-done'(page, world) {
    await toNewPassword(page, world);
    await withPointer(page).fill('New password', 'amber lantern over gravel');
    await withPointer(page).press('Save the new password');
  },
  async 'password-change'(page, world) {
    await toAccountPage(page, world, PASSWORD_PAGE);
  },
  async 'password-change-wrong'(page, world) {
    await changePassword(page, world, 'not this one');
  },
  async 'password-change-done'(page, world) {
    const person = await newPerson(world.platform);
    await changePassword(page, world, person.password, person);
  },
  async 'email-change'(page, world) {
    await toAccountPage(page, world, '/account/email');
  },
  async 'email-change-code'(page, world) {
    await askChange(page, world, LONG);
  },
  async 'email-change-taken'(page, world) {
    const { email } = await newPerson(world.platform);
    await askChange(page, world, email);
    await typeCode(page, await codeFor(world, email), 'Change my email');
  },
  async 'email-undo'(page, world) {
    await toUndo(page, world, 'undo@example.org');
  },
  async 'email-undo-over'(page, { url }) {
    await page.goto(`${url}/email-undo?change=x`);
  },
  async 'email-undo-code'(page, world) {
    await toUndo(page, world, 'undo-code@example.org');
    await withPointer(page).press('Send a code to the old address');
  },
  async 'email-undo-done'(page, world) {
    const { email } = await toUndo(page, world, 'undo-done@example.org');
    await withPointer(page).press('Send a code to the old address');
    await typeCode(page, await codeFor(world, email), 'Take my account back');
  },
  async closing(page, world) {
    await toAccountPage(page, world, '/account/closing');
  },
  async 'closing-wrong-address'(page, world) {
    await toAccountPage(page, world, '/account/closing');
    await withPointer(page).fill('To confirm, type the email of your account', 'wrong@example.org');
    await withPointer(page).press('Close my account');
  },
  async 'closing-held'(page, world) {
    const person = await newPerson(world.platform);
    const demands = [{ accountId: person.id, kind: 'hold-closing' }] as const;
    await setObligations(world.platform, OPERATOR, { source: `organization:${person.id}`, demands });
    await toAccountPage(page, world, '/account/closing', person);
  },
  async 'closing-waiting'(page, world) {
    const person = await newPerson(world.platform);
    await requestClosing(world.platform, OPERATOR, await newSession(world.platform, person.id));
    await toAccountPage(page, world, '/account/closing', person);
  },
  async profile(page, world) {
    await toAccountPage(page, world, '/account/profile');
  },
  async 'profile-error'(page, world) {
    await toAccountPage(page, world, '/account/profile');
    await withPointer(page).fill('Name', '\u2066');
    await withPointer(page).press('Save');
  },
  async 'sign-up-domains'(page, world) {
    await set(world, SIGN_UP_DOMAINS, ['department.example.org', 'example.net']);
    await set(world, SIGN_UP, 'domains');
    await page.goto(`${world.url}/sign-up`);
  },
  async 'sign-up-closed'(page, world) {
    await set(world, SIGN_UP, 'invitation');
    await page.goto(`${world.url}/sign-up`);
  },
  async 'sign-up-invited'(page, world) {
    const invited = await inviteToSignUp(world.platform, OPERATOR, { email: LONG });
    await page.goto(invited.ok ? invited.link.secret : '');
  },
};

async function askReset(page: Page, { url }: Exhibition, email: string): Promise<void> {
  await page.goto(`${url}/password-reset`);
  await withPointer(page).fill('Email', email);
  await withPointer(page).press('Send a code');
}

async function toNewPassword(page: Page, world: Exhibition): Promise<void> {
  const { email } = await newPerson(world.platform);
  await askReset(page, world, email);
  await typeCode(page, await codeFor(world, email), 'Continue');
}

async function changePassword(page: Page, world: Exhibition, current: string, person?: Person) {
  await toAccountPage(page, world, PASSWORD_PAGE, person);
  await withPointer(page).fill('Current password', current);
  await withPointer(page).fill('New password', 'amber lantern over gravel');
  await withPointer(page).press('Save the new password');
}

async function askChange(page: Page, world: Exhibition, email: string): Promise<Person> {
  const person = await newPerson(world.platform);
  await toAccountPage(page, world, '/account/email', person);
  await withPointer(page).fill('New email', email);
  await withPointer(page).press('Send a code');
  return person;
}

/** From the letter that the old address got. */
async function toUndo(page: Page, world: Exhibition, newEmail: string): Promise<Person> {
  const person = await askChange(page, world, newEmail);
  await typeCode(page, await codeFor(world, newEmail), 'Change my email');
  const link = /\S+\/email-undo\?change=\S+/.exec(await letterFor(world, person.email))?.[0] ?? '';
  await page.goto(link);
  return person;
}

async function typeCode(page: Page, code: string, button: string): Promise<void> {
  await withPointer(page).fill('Verification code', code);
  await withPointer(page).press(button);
}

async function letterFor({ platform }: Exhibition, email: string): Promise<string> {
  const letters = await waitingLetters(platform);
  return letters.find(({ to }) => to === email)?.text ?? '';
}

async function codeFor(world: Exhibition, email: string): Promise<string> {
  return /\b\d{8}\b/.exec(await letterFor(world, email))?.[0] ?? '';
}

function set<T>({ platform }: Exhibition, setting: Setting<T>, value: T): Promise<void> {
  return changeSetting(platform, OPERATOR, { setting, value });
}
