import type { Page } from 'playwright-core';
import { setObligations } from '../../src/accounts/obligations.ts';
import { SIGN_UP } from '../../src/accounts/policy.ts';
import { changeSetting } from '../../src/audit/change-setting.ts';
import { withPointer } from '../support/browser.ts';
import { codeFromMailbox } from '../support/people.ts';
import { Visitor } from '../support/visitor.ts';
import { newPerson, OPERATOR, type Person } from '../support/world.ts';
import type { Exhibition } from './exhibition.ts';
import { type Scenes, toAccountPage } from './scene-steps.ts';

const NEW_PASSWORD = 'seven geese over the lake';
const PASSWORD_PAGE = '/account/sign-in-methods/password';

/** A forgotten password, and what people change of their account. */
export const changeScenes: Scenes = {
  async 'password-reset'(page, world) {
    await page.goto(`${world.url}/password-reset`);
  },
  async 'password-reset-error'(page, world) {
    await page.goto(`${world.url}/password-reset`);
    await withPointer(page).fill('Email', 'nobody@nowhere');
    await withPointer(page).press('Send a code');
  },
  async 'password-reset-code'(page, world) {
    await toResetCode(page, world);
  },
  async 'password-reset-wrong-code'(page, world) {
    await toResetCode(page, world);
    await withPointer(page).fill('Verification code', '0000 0000');
    await withPointer(page).press('Continue');
  },
  async 'password-reset-password'(page, world) {
    await toNewPassword(page, world);
  },
  async 'password-reset-weak-password'(page, world) {
    await toNewPassword(page, world);
    await withPointer(page).fill('New password', 'password');
    await withPointer(page).press('Save the new password');
  },
  async 'password-reset-done'(page, world) {
    await toNewPassword(page, world);
    await withPointer(page).fill('New password', NEW_PASSWORD);
    await withPointer(page).press('Save the new password');
  },
  async 'password-change'(page, world) {
    await toAccountPage(page, world, PASSWORD_PAGE);
  },
  async 'password-change-wrong'(page, world) {
    await toAccountPage(page, world, PASSWORD_PAGE);
    await changePassword(page, 'not the one');
  },
  async 'password-changed'(page, world) {
    const person = await newPerson(world.platform);
    await toAccountPage(page, world, PASSWORD_PAGE, person);
    await changePassword(page, person.password);
  },
  async profile(page, world) {
    await toAccountPage(page, world, '/account/profile');
  },
  async 'profile-saved'(page, world) {
    await toAccountPage(page, world, '/account/profile');
    await withPointer(page).press('Save');
  },
  async 'email-change'(page, world) {
    await toAccountPage(page, world, '/account/email');
  },
  async 'email-change-error'(page, world) {
    const person = await newPerson(world.platform);
    await toAccountPage(page, world, '/account/email', person);
    await withPointer(page).fill('New email', person.email);
    await withPointer(page).press('Send a code');
  },
  async 'email-change-code'(page, world) {
    await toEmailCode(page, world, 'changed-once@example.org');
  },
  async 'email-changed'(page, world) {
    await toEmailCode(page, world, 'changed-twice@example.org');
    await typeCode(page, world, 'changed-twice@example.org', 'Change my email');
  },
  async 'email-undo'(page, world) {
    await toUndo(page, world, 'changed-by-another@example.org');
  },
  async 'email-undo-over'(page, world) {
    await page.goto(`${world.url}/email-undo?change=${crypto.randomUUID()}`);
  },
  async 'email-undo-code'(page, world) {
    await toUndo(page, world, 'changed-by-eve@example.org');
    await withPointer(page).press('Send a code to the old address');
  },
  async 'email-undone'(page, world) {
    const { email } = await toUndo(page, world, 'changed-by-a-thief@example.org');
    await withPointer(page).press('Send a code to the old address');
    await typeCode(page, world, email, 'Take my account back');
  },
  async closing(page, world) {
    await toAccountPage(page, world, '/account/closing');
  },
  async 'closing-error'(page, world) {
    await toAccountPage(page, world, '/account/closing');
    await withPointer(page).fill('To confirm, type the email of your account', 'somebody@example.org');
    await withPointer(page).press('Close my account');
  },
  async 'closing-waiting'(page, world) {
    const person = await newPerson(world.platform);
    await toAccountPage(page, world, '/account/closing', person);
    await withPointer(page).fill('To confirm, type the email of your account', person.email);
    await withPointer(page).press('Close my account');
  },
  async 'closing-held'(page, world) {
    const person = await newPerson(world.platform);
    const demands = [{ accountId: person.id, kind: 'hold-closing' }] as const;
    await setObligations(world.platform, OPERATOR, { source: `organization:${person.id}`, demands });
    await toAccountPage(page, world, '/account/closing', person);
  },
  async language(page, world) {
    await page.goto(`${world.url}/language`);
  },
  /** Last, because it closes the door for all. */
  async 'sign-up-closed'(page, world) {
    await changeSetting(world.platform, OPERATOR, { setting: SIGN_UP, value: 'invitation' });
    await page.goto(`${world.url}/sign-up`);
  },
};

async function typeCode(page: Page, { url }: Exhibition, email: string, button: string): Promise<void> {
  const code = await codeFromMailbox(new Visitor(url), email);
  await withPointer(page).fill('Verification code', code);
  await withPointer(page).press(button);
}

async function toResetCode(page: Page, { url, platform }: Exhibition): Promise<Person> {
  const person = await newPerson(platform);
  await page.goto(`${url}/password-reset`);
  await withPointer(page).fill('Email', person.email);
  await withPointer(page).press('Send a code');
  return person;
}

async function toNewPassword(page: Page, world: Exhibition): Promise<void> {
  const { email } = await toResetCode(page, world);
  await typeCode(page, world, email, 'Continue');
}

async function changePassword(page: Page, current: string): Promise<void> {
  await withPointer(page).fill('Current password', current);
  await withPointer(page).fill('New password', NEW_PASSWORD);
  await withPointer(page).press('Save the new password');
}

async function toEmailCode(page: Page, world: Exhibition, email: string): Promise<Person> {
  const person = await newPerson(world.platform);
  await toAccountPage(page, world, '/account/email', person);
  await withPointer(page).fill('New email', email);
  await withPointer(page).press('Send a code');
  return person;
}

/** The link of the letter to the old address, as its reader follows it. */
async function toUndo(page: Page, world: Exhibition, email: string): Promise<Person> {
  const person = await toEmailCode(page, world, email);
  await typeCode(page, world, email, 'Change my email');
  const { text } = await new Visitor(world.url).open('/mailbox');
  const link = /\S+\/email-undo\S+/.exec(text.slice(text.indexOf(person.email)))?.[0];
  await page.goto(String(link));
  return person;
}
