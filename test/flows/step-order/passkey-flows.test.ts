import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Asked, Authenticator } from '../../support/authenticator.ts';
import { givePasskey } from '../../support/passkeys.ts';
import type { Person } from '../../support/people.ts';
import { driveAllOrders, type Flow } from './orders.ts';
import { openScene, type Scene } from './scene.ts';

/** The newest challenge that any browser was given: a passkey answers it, as if its owner had been lured to. */
let newest: Asked;
const NEVER_GIVEN: Asked = { challenge: 'A'.repeat(43), rpId: 'localhost', user: { id: 'AAAA' } };

const passkeys = new Map<string, Authenticator>();

/** Everybody has a passkey, and nobody was asked for it yet. */
async function arrange({ people, platform }: Scene): Promise<void> {
  newest = NEVER_GIVEN;
  for (const { id } of people.values()) {
    if (!passkeys.has(id)) passkeys.set(id, await givePasskey(platform, id));
  }
}

const passkeyOf = ({ id }: Person) => passkeys.get(id) as Authenticator;

function challengeAt(path: string): Flow['steps'][number] {
  return {
    name: 'ask for a challenge',
    namesNobody: true,
    act: async (scene, by) => {
      const answer = await scene.post(by, `${path}/challenges`, {}, path);
      if (answer.status === 200) newest = JSON.parse(answer.html) as Asked;
    },
  };
}

/** Signing in changes no credential, but it opens the account. */
function signInBy(path: string, { name, session }: Pick<Flow, 'name' | 'session'>): Flow {
  return {
    name,
    session,
    arrange,
    watch: (scene, person) => scene.liveSessionsOf(person),
    steps: [
      challengeAt(path),
      {
        name: 'answer it',
        act: (scene, by, whose) => scene.post(by, path, { credential: passkeyOf(whose).get(newest) }),
      },
    ],
  };
}

const ALONE = signInBy('/sign-in/passkey', { name: 'a sign-in with a passkey alone', session: 'none' });
const SECOND = signInBy('/sign-in/second-factor/passkey', {
  name: 'a passkey after the password',
  session: 'half',
});

const ENROLMENT: Flow = {
  name: 'an enrolment of a passkey',
  session: 'half',
  withoutFactor: true,
  async arrange() {
    newest = NEVER_GIVEN;
  },
  steps: [
    challengeAt('/sign-in/authenticator/passkey'),
    {
      name: 'answer it',
      act: (scene, by) => {
        const credential = new Authenticator(scene.platform.config.issuer).create(newest);
        return scene.post(by, '/sign-in/authenticator/passkey', { credential });
      },
    },
  ],
};

describe('in every order, over two browsers and two people,', { timeout: 180_000 }, () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene();
  });
  afterAll(() => scene.server.stop());

  // Anybody's passkey may sign its owner in alone; after a password only the one of its account, however often asked.
  it.each([
    [ALONE, 4],
    [SECOND, 2],
    [ENROLMENT, 4],
  ])(
    '$name opens or changes an account only when its own browser took every step',
    async (flow, expected) => {
      expect(await driveAllOrders(scene, flow)).toEqual({ cases: 16, changes: expected });
    },
  );
});
