import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addToDomain, removeFromDomain } from '../../src/accounts/trust-domain-members.ts';
import { createTrustDomain } from '../../src/accounts/trust-domains.ts';
import { addTester } from '../../src/developers/clients/testers.ts';
import { moveApi, moveClient } from '../../src/developers/trust-domain-moves.ts';
import { inTransaction } from '../../src/platform/transaction.ts';
import { type Tokens, tokensFor } from '../oidc/stage.ts';
import { ok } from '../support/developers.ts';
import { basic, startTwoServers, type TwoServers } from '../support/two-servers.ts';
import { Visitor } from '../support/visitor.ts';
import {
  type App,
  newApi,
  newApp,
  newPerson,
  type Notes,
  OPERATOR,
  type Person,
  signIn,
} from '../support/world.ts';

/** What one process changes holds in every other within a second, although none tells another. */
describe('two processes', () => {
  let two: TwoServers;
  let api: Notes;
  let person: Person;
  let browser: Visitor;

  beforeAll(async () => {
    two = await startTwoServers();
    api = await newApi(two.platform);
    person = await newPerson(two.platform);
    ok(await createTrustDomain(two.platform, OPERATOR, { name: 'staff' }));
    ok(await addToDomain(two.platform, OPERATOR, { email: person.email, domain: 'staff' }));
    browser = new Visitor(two.issuer);
    await signIn(browser, person);
  });
  afterAll(() => two.stop());

  const tokens = (app: App) => tokensFor({ browser, issuer: two.issuer }, app);

  const active = async (turn: number, { access_token: token }: Tokens, at: Notes): Promise<boolean> =>
    (await two.post(turn, '/token/introspection', { token }, basic(at))).json().active === true;

  const refreshed = async (turn: number, app: App, { refresh_token }: Tokens): Promise<number> => {
    const fields = { grant_type: 'refresh_token', refresh_token };
    return (await two.post(turn, '/token', fields, basic(app))).status;
  };

  /** Both processes know the app and its tokens well when the change comes; a second later none lets them in. */
  async function endsEverywhere(app: App, at: Notes, change: () => Promise<unknown>): Promise<void> {
    const issued = await tokens(app);
    for (const turn of [0, 1])
      expect([await active(turn, issued, at), await refreshed(turn, app, issued)]).toEqual([true, 200]);
    await change();
    await new Promise((resolve) => setTimeout(resolve, 900));
    for (const turn of [0, 1])
      expect([turn, await active(turn, issued, at), await refreshed(turn, app, issued)]).toEqual([
        turn,
        false,
        400,
      ]);
  }

  it('refuse a tester who was removed', async () => {
    const app = await newApp(two.platform, api, { stage: 'development' });
    const of = { clientId: app.clientId, accountId: person.id };
    await inTransaction(two.platform, (tx) => addTester(tx, OPERATOR, of));
    await endsEverywhere(app, api, () => two.platform.db.clientTester.deleteMany({ where: of }));
  });

  it('refuse an app that was moved to another trust domain, although its person belongs there', async () => {
    const app = await newApp(two.platform, api);
    await endsEverywhere(app, api, () =>
      moveClient(two.platform, OPERATOR, { clientId: app.clientId, domain: 'staff' }),
    );
  });

  it('refuse at an API that was moved', async () => {
    const moving = await newApi(two.platform, { identifier: 'https://moving.example' });
    const app = await newApp(two.platform, moving, { resources: [moving.identifier] });
    await endsEverywhere(app, moving, () =>
      moveApi(two.platform, OPERATOR, { identifier: moving.identifier, domain: 'staff' }),
    );
  });

  it('refuse whoever left the trust domain of an app', async () => {
    const app = await newApp(two.platform, api);
    await endsEverywhere(app, api, () =>
      removeFromDomain(two.platform, OPERATOR, { email: person.email, domain: 'main' }),
    );
  });
});
