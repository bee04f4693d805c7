import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { normalizeAddress } from '../../../src/accounts/addresses.ts';
import { secondsAfter } from '../../../src/platform/clock.ts';
import { newId } from '../../../src/platform/ids.ts';
import type { Person } from '../../support/people.ts';
import { driveAllOrders, type Flow } from './orders.ts';
import { openScene, type Scene } from './scene.ts';

const newAddress = (scene: Scene, { id }: Person) => `new-${scene.turn}-${id.slice(-6)}@example.org`;

const PASSWORD_RESET: Flow = {
  name: 'a password reset',
  session: 'none',
  steps: [
    {
      name: 'ask',
      act: (scene, by, { email }) => scene.post(by, '/password-reset', { email }),
    },
    {
      name: 'type the code',
      act: async (scene, by, { email }) =>
        scene.post(by, '/password-reset/code', { code: await scene.newestCode(email) }),
    },
    {
      name: 'choose a password',
      namesNobody: true,
      act: (scene, by) =>
        scene.post(by, '/password-reset/password', { password: 'nine quiet herons at dusk' }),
    },
  ],
};

const EMAIL_CHANGE: Flow = {
  name: 'a change of address',
  session: 'whole',
  steps: [
    {
      name: 'ask',
      act: (scene, by, whose) => scene.post(by, '/account/email', { email: newAddress(scene, whose) }),
    },
    {
      name: 'type the code',
      act: async (scene, by, whose) =>
        scene.post(by, '/account/email/code', { code: await scene.newestCode(newAddress(scene, whose)) }),
    },
  ],
};

/** Both people have another address since yesterday, and the old one may undo that. */
async function movedYesterday(scene: Scene): Promise<void> {
  const { db } = scene.platform;
  const now = scene.clock.now();
  for (const { id: accountId, email } of scene.people.values()) {
    const moved = normalizeAddress(`moved-${email}`);
    const emailKey = normalizeAddress(email)?.emailKey ?? '';
    if (!moved) throw new Error('no address');
    await db.emailChange.deleteMany({ where: { accountId } });
    await db.emailChange.create({
      data: {
        ...{ id: newId(), accountId, oldEmail: email, oldEmailKey: emailKey, sessionId: newId() },
        ...{ newEmail: moved.email, newEmailKey: moved.emailKey, createdAt: now, confirmedAt: now },
        undoUntil: secondsAfter(now, 6 * 86_400),
      },
    });
    await db.account.update({ where: { id: accountId }, data: moved });
  }
}

const EMAIL_UNDO: Flow = {
  name: 'the undoing of a change of address',
  session: 'none',
  arrange: movedYesterday,
  steps: [
    {
      name: 'ask',
      act: async (scene, by, { id: accountId }) => {
        const change = await scene.platform.db.emailChange.findFirst({ where: { accountId } });
        await scene.post(by, '/email-undo', { change: change?.id ?? '' });
      },
    },
    {
      name: 'type the code',
      act: async (scene, by, { email }) =>
        scene.post(by, '/email-undo/code', { code: await scene.newestCode(email) }),
    },
  ],
};

/** The account that an address has, if any; so that signing up shows as a change. */
async function accountAt(scene: Scene, person: Person): Promise<string | undefined> {
  const emailKey = newAddress(scene, person);
  return (await scene.platform.db.account.findUnique({ where: { emailKey } }))?.id;
}

const SIGN_UP: Flow = {
  name: 'a sign-up',
  session: 'none',
  watch: accountAt,
  steps: [
    {
      name: 'ask',
      act: (scene, by, whose) => {
        const fields = {
          name: whose.name,
          email: newAddress(scene, whose),
          password: 'nine quiet herons at dusk',
        };
        return scene.post(by, '/sign-up', fields);
      },
    },
    {
      name: 'type the code',
      act: async (scene, by, whose) =>
        scene.post(by, '/sign-up/verification', { code: await scene.newestCode(newAddress(scene, whose)) }),
    },
  ],
};

describe('in every order, over two browsers and two people,', { timeout: 180_000 }, () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene();
  });
  afterAll(() => scene.server.stop());

  it.each([PASSWORD_RESET, EMAIL_CHANGE, EMAIL_UNDO, SIGN_UP])(
    '$name changes an account only when its own browser took every step',
    async (flow) => {
      const { cases, changes } = await driveAllOrders(scene, flow);
      expect(cases).toBe(flow.steps.length === 3 ? 6 * 32 : 2 * 8);
      // Browser A for each person, once for each name that a last step ignores.
      expect(changes).toBe(flow.steps.some(({ namesNobody }) => namesNobody) ? 4 : 2);
    },
  );
});
