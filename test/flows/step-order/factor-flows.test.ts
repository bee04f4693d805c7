import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { secondsAfter } from '../../../src/platform/clock.ts';
import { newId } from '../../../src/platform/ids.ts';
import { type Asked, Authenticator } from '../../support/authenticator.ts';
import { driveAllOrders, type Flow } from './orders.ts';
import { openScene, type Scene } from './scene.ts';

/** The first authenticator of an account, during its sign-in. */
const ENROLMENT: Flow = {
  name: 'an enrolment',
  session: 'half',
  withoutFactor: true,
  steps: [
    {
      name: 'look at the seed',
      namesNobody: true,
      act: (_, { visitor }) => visitor.open('/sign-in/authenticator', { follow: false }),
    },
    {
      name: 'type its code',
      act: async (scene, by, whose) =>
        scene.post(by, '/sign-in/authenticator', {
          code: await scene.codeOfSeed(whose),
        }),
    },
  ],
};

/** The first half of a lost factor: a wait that the account shows and announces. */
const LOST_FACTOR_BEGUN: Flow = {
  name: 'the beginning of a lost factor',
  session: 'half',
  steps: [
    { name: 'ask', namesNobody: true, act: (scene, by) => scene.post(by, '/sign-in/lost-factor/codes') },
    {
      name: 'type the code of the letter',
      act: async (scene, by, { email }) =>
        scene.post(by, '/sign-in/lost-factor/code', { code: await scene.newestCode(email) }),
    },
  ],
};

/** The second half of a lost factor, when the wait is over. */
const LOST_FACTOR: Flow = {
  name: 'a lost factor after the wait',
  session: 'half',
  async arrange(scene) {
    const { db } = scene.platform;
    const now = scene.clock.now();
    for (const { id: accountId } of scene.people.values()) {
      await db.factorReset.deleteMany({ where: { accountId } });
      const times = { createdAt: secondsAfter(now, -80 * 3600), dueAt: secondsAfter(now, -8 * 3600) };
      const data = { id: newId(), accountId, ...times, expiresAt: secondsAfter(now, 86_400) };
      await db.factorReset.create({ data });
    }
  },
  steps: [
    { name: 'ask', namesNobody: true, act: (scene, by) => scene.post(by, '/sign-in/lost-factor/codes') },
    {
      name: 'type the code of the letter',
      act: async (scene, by, { email }) =>
        scene.post(by, '/sign-in/lost-factor/code', { code: await scene.newestCode(email) }),
    },
    {
      name: 'type the code of the new authenticator',
      act: async (scene, by, whose) => {
        const code = await scene.codeOfSeed(whose);
        await scene.post(by, '/sign-in/lost-factor/authenticator', { code });
      },
    },
  ],
};

/** A passkey is made by whatever authenticator answered the challenge of that person's browser last. */
function passkeyRegistration(): Flow {
  const asked = new Map<string, Asked>();
  const list = '/account/sign-in-methods/passkeys';
  return {
    name: 'the registration of a passkey',
    session: 'whole',
    async arrange() {
      asked.clear();
    },
    steps: [
      {
        name: 'ask for a challenge',
        act: async (scene, by, { id }) => {
          const answer = await scene.post(by, `${list}/challenges`, {}, list);
          if (answer.status === 200) asked.set(id, JSON.parse(answer.html) as Asked);
        },
      },
      {
        name: 'answer it',
        act: async (scene, by, { id }) => {
          const challenge = asked.get(id) ?? {
            challenge: 'AAAA',
            rp: { id: 'localhost' },
            user: { id: 'AAAA' },
          };
          const credential = new Authenticator(scene.platform.config.issuer).create(challenge);
          await scene.post(by, list, { credential });
        },
      },
    ],
  };
}

/** Signing in changes no credential, but it opens the account: no session without both factors of one browser. */
const SIGN_IN: Flow = {
  name: 'a sign-in',
  session: 'none',
  watch: (scene, person) => scene.liveSessionsOf(person),
  steps: [
    {
      name: 'type the password',
      act: (scene, by, { email, password }) => scene.post(by, '/sign-in', { email, password }),
    },
    {
      name: 'type the code of the authenticator',
      act: (scene, by, whose) => scene.post(by, '/sign-in/second-factor', { code: whose.code() }),
    },
  ],
};

describe('in every order, over two browsers and two people,', { timeout: 180_000 }, () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene();
  });
  afterAll(() => scene.server.stop());

  it.each([
    [ENROLMENT, 2],
    [LOST_FACTOR_BEGUN, 2],
    [LOST_FACTOR, 2],
    [passkeyRegistration(), 2],
    [SIGN_IN, 2],
  ])('$name changes an account only when its own browser took every step', async (flow, expected) => {
    const { cases, changes } = await driveAllOrders(scene, flow);
    expect(cases).toBe(flow.steps.length === 3 ? 6 * 32 : 2 * 8);
    expect(changes).toBe(expected);
  });
});
