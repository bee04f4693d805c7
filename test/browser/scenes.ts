import { createAccount } from '../../src/accounts/account.ts';
import { withPointer } from '../support/browser.ts';
import { newPerson, OPERATOR } from '../support/world.ts';
import { enter, newcomer, open, type Scenes, signInHere, toEnrolment } from './scene-steps.ts';

/** The ways in and out. */
export const scenes: Scenes = {
  async home(page, { url }) {
    await page.goto(url);
  },
  async 'sign-in'(page, world) {
    await open(page, world, world.notebook);
  },
  async 'sign-in-error'(page, world) {
    await open(page, world, world.notebook);
    await enter(withPointer(page), { email: 'anna@example.org', password: 'wrong one' });
  },
  async 'sign-in-too-many-tries'(page, world) {
    await page.goto(`${world.url}/sign-in`);
    for (let tries = 0; tries < 6; tries += 1)
      await enter(withPointer(page), { email: 'guessed@example.org', password: `guess ${tries}` });
  },
  async 'sign-in-again'(page, world) {
    await open(page, world, world.notebook);
    await signInHere(page, await newPerson(world.platform));
    await open(page, world, world.notebook, { prompt: 'login' });
  },
  async 'sign-up'(page, world) {
    await page.goto(`${world.url}/sign-up`);
  },
  async 'sign-up-error'(page, world) {
    await page.goto(`${world.url}/sign-up`);
    await newcomer(withPointer(page), 'anna@example.org', 'password');
  },
  async 'sign-up-verification'(page, world) {
    await page.goto(`${world.url}/sign-up`);
    await newcomer(withPointer(page), 'a.rather-long-name.for-an-address@mail.department.example.org');
  },
  async 'sign-up-verification-wrong-code'(page, world) {
    await page.goto(`${world.url}/sign-up`);
    await newcomer(withPointer(page), 'wrong-code@example.org');
    await withPointer(page).fill('Verification code', '0000 0000');
    await withPointer(page).press('Continue');
  },
  async 'sign-up-verification-sent-again'(page, world) {
    await page.goto(`${world.url}/sign-up`);
    await newcomer(withPointer(page), 'again@example.org');
    await withPointer(page).press('Send a new code');
  },
  async 'email-verification'(page, world) {
    await page.goto(`${world.url}/sign-in`);
    const person = { email: 'unproven@example.org', password: 'a lantern in the harbour' };
    await createAccount(world.platform, OPERATOR, {
      ...person,
      name: 'Anna Berg',
      verified: false,
      totp: true,
    });
    await enter(withPointer(page), person);
  },
  async enrolment(page, world) {
    await toEnrolment(page, world, 'enrols@example.org');
  },
  async 'enrolment-wrong-code'(page, world) {
    await toEnrolment(page, world, 'enrols-too@example.org');
    await withPointer(page).fill('One-time code', '000000');
    await withPointer(page).press('Continue');
  },
  async 'enrolment-key'(page, world) {
    await toEnrolment(page, world, 'cannot-scan@example.org');
    await withPointer(page).unfold("Can't scan it?");
  },
  async 'second-factor'(page, world) {
    await page.goto(`${world.url}/sign-in`);
    await enter(withPointer(page), await newPerson(world.platform));
  },
  async 'second-factor-wrong-code'(page, world) {
    await page.goto(`${world.url}/sign-in`);
    await enter(withPointer(page), await newPerson(world.platform));
    await withPointer(page).fill('One-time code', '000000');
    await withPointer(page).press('Continue');
  },
  async 'passkey-refused'(page, world) {
    await page.goto(`${world.url}/sign-in`);
    const arrived = page.waitForEvent('load');
    await page.evaluate(() => document.querySelector<HTMLFormElement>('form[data-passkey]')?.submit());
    await arrived;
  },
  async 'sign-out'(page, world) {
    await page.goto(`${world.url}/sign-in`);
    await signInHere(page, await newPerson(world.platform));
    await page.goto(`${world.url}/sign-out`);
  },
  async 'signed-out'(page, world) {
    await page.goto(`${world.url}/sign-out`);
  },
  async language(page, { url }) {
    await page.goto(`${url}/language`);
  },
  async mailbox(page, world) {
    await page.goto(`${world.url}/sign-up`);
    await newcomer(withPointer(page), 'reader@example.org');
    await page.goto(`${world.url}/sign-up`);
    await newcomer(withPointer(page), (await newPerson(world.platform)).email);
    await page.goto(`${world.url}/mailbox`);
  },
};
