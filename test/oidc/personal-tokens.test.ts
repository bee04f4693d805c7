import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { changeSetting } from '../../src/audit/change-setting.ts';
import { grantAccess } from '../../src/developers/access/access.ts';
import { PERSONAL_TOKENS_CLIENT } from '../../src/developers/access/personal-access.ts';
import { changeScope } from '../../src/developers/apis/scopes/scope-changes.ts';
import { endSession } from '../../src/accounts/sessions/sessions.ts';
import { createPersonalToken, listPersonalTokens } from '../../src/oidc/personal-tokens.ts';
import { waitingLetters } from '../../src/platform/mail/outbox.ts';
import { writeLastUses } from '../../src/tokens/last-used.ts';
import { PERSONAL_TOKENS } from '../../src/tokens/personal-tokens.ts';
import { newSession } from '../support/sessions.ts';
import { type ShiftedTime, shiftTime } from '../support/time.ts';
import type { Page, Visitor } from '../support/visitor.ts';
import { newApi, newApp, newOrganization, type Notes, OPERATOR } from '../support/world.ts';
import { anotherPerson, introspected, isActive, openStage, post, type Stage, tokensFor } from './stage.ts';

const DAY = 86_400;

describe('a personal access token', () => {
  let stage: Stage;
  let time: ShiftedTime | undefined;
  beforeAll(async () => {
    stage = await openStage();
    await join(stage.api.organizationId, stage.person.id);
  });
  afterAll(() => stage.server.stop());
  afterEach(async () => {
    time?.restore();
    await allow(true);
  });

  function join(organizationId: string, accountId: string) {
    const createdAt = new Date();
    return stage.server.platform.db.organizationMember.create({
      data: { organizationId, accountId, role: 'developer', createdAt },
    });
  }

  function allow(value: boolean) {
    return changeSetting(stage.server.platform, OPERATOR, { setting: PERSONAL_TOKENS, value });
  }

  /** Opens what the built-in client may do at an API to everybody, as an operator does. */
  async function openToAll(api: Notes, scopes: string[]) {
    const access = { clientId: PERSONAL_TOKENS_CLIENT, apiIdentifier: api.identifier, scopes };
    const granted = await grantAccess(stage.server.platform, OPERATOR, { ...access, origin: 'operator' });
    if (!granted.ok) throw new Error(granted.sentence);
  }

  interface Made {
    readonly page: Page;
    readonly token: string;
  }

  /** Through the form, with these boxes checked. */
  async function make(
    browser: Visitor,
    { name = 'Backup script', days = '30', scopes = ['notes:read'] } = {},
  ): Promise<Made> {
    const form = await browser.open(formFor(stage.api));
    const boxes = Object.fromEntries(scopes.map((scope) => [`scope ${scope}`, 'on']));
    const page = await browser.submit(form, 'Make the token', {
      Name: name,
      'Days until it ends': days,
      ...boxes,
    });
    return { page, token: /gate_access_[\w-]+/.exec(page.text)?.[0] ?? '' };
  }

  const seen = async (token: string, api: Notes = stage.api) =>
    JSON.parse(await introspected(stage, api, token)) as Record<string, unknown>;

  it('is an access token like any other to the API it is for', async () => {
    const { token } = await make(stage.browser, { days: '90', scopes: ['notes:read', 'notes:write'] });
    const answer = await seen(token);
    expect(answer).toEqual({
      active: true,
      aud: stage.api.identifier,
      client_id: PERSONAL_TOKENS_CLIENT,
      iss: stage.issuer,
      scope: 'notes:read notes:write',
      sub: expect.stringMatching(/^[\w-]{43}$/),
      token_type: 'Bearer',
      iat: expect.any(Number),
      exp: expect.any(Number),
    });
    expect(Number(answer.exp) - Number(answer.iat)).toBe(90 * DAY);
  });

  it('says who it is as the apps of that organization do', async () => {
    const app = await newApp(stage.server.platform, stage.api, { firstParty: true });
    const ofApp = await tokensFor(stage, app, { scope: 'openid notes:read' });
    const { token } = await make(stage.browser);
    expect((await seen(token)).sub).toBe((await seen(ofApp.access_token)).sub);
  });

  it('is shown once and kept as a digest', async () => {
    const { page, token } = await make(stage.browser, { name: 'Shown once' });
    expect(page.headers.get('Cache-Control')).toBe('no-store');
    const list = await stage.browser.open('/account/tokens');
    expect(list.text).toContain('Shown once');
    expect(list.html).not.toContain(token);
    const { rows } = await stage.server.platform.pool.query(
      `SELECT row_to_json(t)::text AS row FROM (SELECT payload FROM artifacts) t
       UNION ALL SELECT row_to_json(g)::text FROM grants g UNION ALL SELECT row_to_json(e)::text FROM audit_events e`,
    );
    expect(rows.filter(({ row }) => String(row).includes(token.slice(20, 50)))).toEqual([]);
  });

  it('is nothing to another API, to apps, to userinfo and to the token endpoint', async () => {
    const { token } = await make(stage.browser);
    const { platform } = stage.server;
    const other = await newApi(platform, { identifier: 'https://elsewhere.example' });
    const app = await newApp(platform, stage.api);
    expect(await introspected(stage, other, token)).toBe('{"active":false}');
    expect(await introspected(stage, app, token)).toBe('{"active":false}');
    const headers = { Authorization: `Bearer ${token}` };
    const userinfo = await fetch(new URL('/userinfo', stage.issuer), { headers });
    expect([401, 403]).toContain(userinfo.status);
    const asRefresh = await post(stage, '/token', app, { grant_type: 'refresh_token', refresh_token: token });
    expect(asRefresh.body).toMatchObject({ error: 'invalid_grant' });
  });

  it('belongs to a client that nobody can be', async () => {
    const nobody = { clientId: PERSONAL_TOKENS_CLIENT, secret: 'gate_secret_x' };
    for (const caller of [nobody, { ...nobody, secret: '' }]) {
      const asked = await post(stage, '/token', caller, { grant_type: 'client_credentials' });
      expect(asked.status).toBe(401);
      expect(asked.body).toMatchObject({ error: 'invalid_client' });
    }
    const page = await stage.browser.open(
      `/authorize?client_id=${PERSONAL_TOKENS_CLIENT}&response_type=code&redirect_uri=https%3A%2F%2Fevil.example&scope=openid`,
    );
    expect(page.status).toBe(400);
    expect(page.location).toBeUndefined();
  });

  it('ends when its days are over', async () => {
    const { token } = await make(stage.browser, { days: '1' });
    time = shiftTime(DAY - 60);
    expect(await isActive(stage, token)).toBe(true);
    time.restore();
    time = shiftTime(DAY + 60);
    expect(await isActive(stage, token)).toBe(false);
  });

  it('is over at once when its owner revokes it, and says when it was used last', async () => {
    const { token } = await make(stage.browser, { name: 'Nightly job' });
    await isActive(stage, token);
    await writeLastUses(stage.server.platform);
    const list = await stage.browser.open('/account/tokens');
    expect(list.text).toMatch(/Nightly job .*?Last used just now/);
    const after = await stage.browser.submit(list, 'Revoke Nightly job');
    expect(after.text).toContain('The token is revoked');
    expect(after.text).not.toContain('Nightly job');
    expect(await isActive(stage, token)).toBe(false);
    const { db } = stage.server.platform;
    expect(
      await db.auditEvent.count({ where: { action: 'personal-token.revoked', actorId: stage.person.id } }),
    ).toBe(1);
  });

  it('of somebody else cannot be revoked, and looks like one that never was', async () => {
    const { token } = await make(stage.browser);
    const [mine] = await listPersonalTokens(stage.server.platform, stage.person.id);
    const { browser, person } = await anotherPerson(stage);
    await join(stage.api.organizationId, person.id);
    await make(browser, { name: 'Mine' });
    const list = await browser.open('/account/tokens');
    const [form] = list.forms.filter(({ action }) => action.includes('/revocation'));
    const answers = await Promise.all(
      [mine?.id, 'x'.repeat(43)].map((id) =>
        browser.post(`/account/tokens/${id}/revocation`, form?.fields as unknown as URLSearchParams, {
          follow: false,
        }),
      ),
    );
    expect(answers[0]?.location).toBe(answers[1]?.location);
    expect(await isActive(stage, token)).toBe(true);
  });

  it('can do what its owner may do there at the moment, and no more', async () => {
    const { browser, person } = await anotherPerson(stage);
    await join(stage.api.organizationId, person.id);
    const { token } = await make(browser, { scopes: ['notes:read', 'notes:write'] });
    await openToAll(stage.api, ['notes:read']);
    const { db } = stage.server.platform;
    await db.organizationMember.deleteMany({ where: { accountId: person.id } });
    await afterHalfASecond();
    expect(await seen(token)).toMatchObject({ active: true, scope: 'notes:read' });
  });

  it('gives people who are no members neither sensitive nor administrative scopes', async () => {
    const { platform } = stage.server;
    const api = await newApi(platform, { identifier: 'https://vault.example' });
    await openToAll(api, ['notes:read', 'notes:write']);
    await changeScope(platform, OPERATOR, {
      apiIdentifier: api.identifier,
      name: 'notes:write',
      sensitivity: 'sensitive',
    });
    const { person } = await anotherPerson(stage);
    const { id: sessionId } = await newSession(platform, person.id);
    const wish = { accountId: person.id, sessionId, name: 'x', resource: api.identifier, days: 1 };
    const actor = { kind: 'account', id: person.id } as const;
    const both = await createPersonalToken(platform, actor, {
      ...wish,
      scopes: ['notes:read', 'notes:write'],
    });
    expect(both).toEqual({ ok: false, reason: 'not-open' });
    expect(await createPersonalToken(platform, actor, { ...wish, scopes: ['notes:read'] })).toMatchObject({
      ok: true,
    });
  });

  it('is not made for an API of others, nor for one with JWTs', async () => {
    const { platform } = stage.server;
    const organizationId = await newOrganization(platform, 'Strangers');
    const strange = await newApi(platform, { organizationId, identifier: 'https://strange.example' });
    const jwt = await newApi(platform, {
      organizationId: stage.api.organizationId,
      identifier: 'https://jwt.example',
      tokenFormat: 'jwt',
    });
    const actor = { kind: 'account', id: stage.person.id } as const;
    const { id: sessionId } = await newSession(platform, stage.person.id);
    for (const { identifier } of [strange, jwt]) {
      const wish = {
        accountId: stage.person.id,
        sessionId,
        name: 'x',
        resource: identifier,
        scopes: ['notes:read'],
        days: 1,
      };
      expect(await createPersonalToken(platform, actor, wish)).toEqual({ ok: false, reason: 'not-open' });
    }
  });

  it('is told to its owner by letter, without the token and without its name', async () => {
    const { browser, person } = await anotherPerson(stage);
    await join(stage.api.organizationId, person.id);
    const { token } = await make(browser, { name: 'Visit evil.example', days: '7' });
    const letters = (await waitingLetters(stage.server.platform)).filter(({ to }) => to === person.email);
    const [letter] = letters.filter(({ subject }) => subject.includes('access token'));
    expect(letter?.text.replaceAll('\n', ' ')).toContain(
      'made a personal access token for Notes. It works for 7 days.',
    );
    expect(JSON.stringify(letter)).not.toMatch(new RegExp(`evil|${token}`));
  });

  it('stops working while the operator forbids such tokens, and there are no pages for them', async () => {
    const { token } = await make(stage.browser);
    await allow(false);
    expect(await isActive(stage, token)).toBe(false);
    for (const path of ['/account/tokens', '/account/tokens/new']) {
      expect((await stage.browser.open(path)).status).toBe(404);
    }
    expect((await stage.browser.open('/account/apps')).html).not.toContain('/account/tokens');
    await allow(true);
    expect(await isActive(stage, token)).toBe(true);
  });

  it('is asked for again with what was typed where something is missing', async () => {
    const form = await stage.browser.open(formFor(stage.api));
    const again = await stage.browser.submit(form, 'Make the token', {
      Name: ' ',
      'Days until it ends': '400',
      'scope notes:write': 'on',
    });
    expect(again.status).toBe(422);
    expect(again.text).toContain('Give it a name of one line');
    expect(again.text).toContain('Enter a number of days from 1 to 90.');
    expect(again.html).toMatch(/name="scope notes:write"\s+checked/);
    const none = await make(stage.browser, { scopes: [] });
    expect(none.page.text).toContain('Choose at least one thing');
    expect(none.page.html).toContain('value="Backup script"');
    const unknown = await make(stage.browser, { scopes: ['notes:read', 'notes:everything'] });
    expect(unknown.page.text).toContain('That is not open to you any more');
  });

  it('needs its maker to have signed in a moment ago', async () => {
    const { browser, person } = await anotherPerson(stage);
    await join(stage.api.organizationId, person.id);
    const form = await browser.open(formFor(stage.api));
    time = shiftTime(1200);
    const asked = await browser.submit(form, 'Make the token', { Name: 'Late', 'scope notes:read': 'on' });
    expect(asked.url).toContain('/sign-in');
    expect(await listPersonalTokens(stage.server.platform, person.id)).toEqual([]);
  });

  it('is not made in the days after the second factor was reset', async () => {
    const { browser, person } = await anotherPerson(stage);
    await join(stage.api.organizationId, person.id);
    const { db } = stage.server.platform;
    const frozenUntil = new Date(Date.now() + DAY * 1000);
    await db.account.update({ where: { id: person.id }, data: { frozenUntil } });
    expect((await make(browser)).page.text).toContain('Your second factor was reset lately');
    expect(await listPersonalTokens(stage.server.platform, person.id)).toEqual([]);
  });

  it('is not made for a session that was ended meanwhile, and its name is in no trail', async () => {
    const { platform } = stage.server;
    const { browser, person } = await anotherPerson(stage);
    await join(stage.api.organizationId, person.id);
    await make(browser, { name: 'Annas Tagebuch' });
    const trail = await platform.db.auditEvent.findMany({
      where: { actorId: person.id, action: 'personal-token.created' },
    });
    expect(trail).toHaveLength(1);
    expect(JSON.stringify(trail)).not.toContain('Tagebuch');
    const actor = { kind: 'account', id: person.id } as const;
    const { id: sessionId } = await newSession(platform, person.id);
    await endSession(platform, actor, sessionId);
    const here = { accountId: person.id, sessionId, resource: stage.api.identifier };
    const late = createPersonalToken(platform, actor, {
      ...here,
      name: 'x',
      scopes: ['notes:read'],
      days: 1,
    });
    expect(await late).toEqual({ ok: false, reason: 'session-over' });
    expect(await listPersonalTokens(platform, person.id)).toHaveLength(1);
  });

  it('can be had fifty times at most, however many are asked for at once', async () => {
    const { person } = await anotherPerson(stage);
    await join(stage.api.organizationId, person.id);
    const { id: sessionId } = await newSession(stage.server.platform, person.id);
    const here = { accountId: person.id, sessionId, resource: stage.api.identifier };
    const wish = { ...here, scopes: ['notes:read'], days: 1 };
    const outcomes = [];
    for (let round = 0; round < 6; round += 1) {
      const ten = Array.from({ length: 10 }, (_, index) =>
        createPersonalToken(
          stage.server.platform,
          { kind: 'account', id: person.id },
          { ...wish, name: `${round}-${index}` },
        ),
      );
      outcomes.push(...(await Promise.all(ten)));
    }
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(50);
    expect(await listPersonalTokens(stage.server.platform, person.id)).toHaveLength(50);
  });
});

/** Where there are several APIs, the page asks first which one is meant. */
function formFor({ clientId }: Notes): string {
  return `/account/tokens/new?api=${clientId}`;
}

/** What is read of clients and access is used again for half a second (fresh.ts). */
function afterHalfASecond(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 600));
}
