import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publishTerms } from '../../../src/developers/apis/terms.ts';
import { createClient } from '../../../src/developers/clients/registration.ts';
import { ok, operator } from '../../support/developers.ts';
import { startTestServer } from '../../support/server.ts';
import { aPeopledOrganization, formTokenFor, type Peopled } from '../../support/two-organizations.ts';
import type { Page, Visitor } from '../../support/visitor.ts';

let server: Awaited<ReturnType<typeof startTestServer>>;
/** Owns the API. */
let host: Peopled;
/** Owns the app. */
let guest: Peopled;
/** Has nothing to do with it. */
let rival: Peopled;
let owner: Visitor;
let developer: Visitor;
beforeAll(async () => {
  server = await startTestServer();
  host = await aPeopledOrganization(server, 'Host');
  guest = await aPeopledOrganization(server, 'Guest');
  rival = await aPeopledOrganization(server, 'Rival');
  owner = host.browsers.owner;
  developer = guest.browsers.developer;
}, 90_000);
afterAll(() => server.stop());

const atApi = (below: string, of = host) =>
  `/developers/organizations/${of.organizationId}/apis/${of.apiId}${below}`;
const atGuest = (below: string) => `/developers/organizations/${guest.organizationId}${below}`;
const READ = { 'scope notes:read': 'on' };

async function open(entries: Record<string, string>): Promise<Page> {
  const form = await owner.open(atApi('/openings/new'));
  return owner.submit(form, 'Open it like this', { ...READ, ...entries });
}

/** Sends a form that no page showed, with a token as if one had. */
function forge(browser: Visitor, path: string, fields: Record<string, string>): Promise<Page> {
  const form_token = formTokenFor(server.platform, browser, path);
  return browser.post(path, { form_token, ...fields }, { follow: false });
}

const accesses = (where: object = {}) =>
  server.platform.db.access.findMany({ where: { clientId: guest.clientId, endedAt: null, ...where } });

describe('an API and its guests, through their pages', () => {
  it('is found by nobody before it is opened', async () => {
    expect((await developer.open(atGuest('/catalogue'))).text).not.toContain('API of Host');
    expect((await developer.open(atGuest(`/catalogue/${host.apiId}`))).status).toBe(404);
  });

  it('is taken where it is open to all, under its terms, and given back', async () => {
    const text = 'Whoever uses this API is kind to it and to whom it tells of.';
    const of = { organizationId: host.organizationId, apiId: host.apiId };
    ok(await publishTerms(server.platform, operator, { ...of, text }));
    const done = await open({ kind: 'all', days: '30' });
    expect(done.text).toContain('The API is open like that now.');
    const catalogue = await developer.open(atGuest('/catalogue'));
    expect(catalogue.text).toContain('Use it at once');
    const listed = await developer.open(String(catalogue.links.get('API of Host')));
    expect(listed.text).toContain(text);
    const refused = await developer.submit(listed, 'Use this API');
    expect(refused).toMatchObject({ status: 422, text: expect.stringContaining('Accept the terms') });
    const page = await developer.submit(refused, 'Use this API', { terms: '1' });
    expect(page.text).toContain('The app may use the API now.');
    expect(await accesses()).toMatchObject([{ origin: 'open', termsVersion: 1, peoplePerDay: 1000 }]);
    expect((await owner.open(atApi('/accesses'))).text).toContain('App of Guest');
    const after = await developer.submit(page, 'Give it back');
    expect(after.text).toContain('Given back');
    expect(await accesses()).toEqual([]);
  });

  it('is asked for, and approved by an owner with less than was asked', async () => {
    await open({ kind: 'request' });
    const listed = await developer.open(atGuest(`/catalogue/${host.apiId}`));
    const purpose = 'Shows people their notes beside their mail.';
    const wrong = await developer.submit(listed, 'Ask for access', { terms: '1', purpose: 'x' });
    expect(wrong).toMatchObject({ status: 422, text: expect.stringContaining('Say in a sentence') });
    const page = await developer.submit(wrong, 'Ask for access', { ...READ, terms: '1', purpose });
    expect(page.text).toContain('Waits for an answer');
    const queue = await owner.open(atApi('/access-requests'));
    const request = await owner.open(String(queue.links.get('App of Guest')));
    expect(request.text).toContain(purpose);
    expect(request.text).toContain('What the checks say about this app');
    const again = await owner.submit(request, 'Approve', { days: '30', peoplePerDay: '0' });
    expect(again).toMatchObject({ status: 422, text: expect.stringContaining('whole number of people') });
    const approved = await owner.submit(again, 'Approve', { days: '7', peoplePerDay: '25' });
    expect(approved.text).toContain('Approved');
    expect(await accesses({ origin: 'request' })).toMatchObject([{ peoplePerDay: 25 }]);
  });

  it('changes an access and ends it, once it is said how many people are affected', async () => {
    const list = await owner.open(atApi('/accesses'));
    const one = await owner.open(String(list.links.get('App of Guest')));
    const wrong = await owner.submit(one, 'Save', { until: '2020-02-30' });
    expect(wrong).toMatchObject({ status: 422, text: expect.stringContaining('Choose a day such as') });
    const changed = await owner.submit(wrong, 'Save', {
      until: '2099-12-31',
      peoplePerDay: '',
      requestsPerMinute: '5',
    });
    expect(changed.text).toContain('Changed');
    expect(await accesses()).toMatchObject([
      { until: new Date('2100-01-01T00:00:00Z'), peoplePerDay: null, requestsPerMinute: 5 },
    ]);
    const same = await owner.open(one.url);
    expect(same.forms.find(({ fields }) => fields.has('until'))?.fields.get('until')).toBe('2099-12-31');
    const ending = await owner.open(String(same.links.get('End this access')));
    expect(ending.text).toContain('No person uses this API through the app');
    const ended = await owner.submit(ending, 'End it now', { Note: 'The season is over.' });
    expect(ended.text).toContain('tokens stop within a second');
    expect((await developer.open(atGuest(`/apps/${guest.clientId}/access`))).text).toContain(
      'The season is over.',
    );
  });

  it('is refused with a note, and a request is withdrawn', async () => {
    const ask = async () => {
      const listed = await developer.open(atGuest(`/catalogue/${host.apiId}`));
      const purpose = 'Shows people their notes beside their mail.';
      return developer.submit(listed, 'Ask for access', { ...READ, terms: '1', purpose });
    };
    await ask();
    const queue = await owner.open(atApi('/access-requests'));
    const request = await owner.open(String(queue.links.get('App of Guest')));
    expect((await owner.submit(request, 'Refuse', { Note: 'Not for this.' })).text).toContain('Refused');
    const page = await ask();
    expect(page.text).toContain('Not for this.');
    expect((await developer.submit(page, 'Withdraw')).text).toContain('The request is withdrawn.');
  });

  it('is opened by a code, which is shown once and redeemed after a look at it', async () => {
    const form = await owner.open(atApi('/access-codes/new'));
    const wrong = await owner.submit(form, 'Make the code', { label: 'Fair', uses: 'many' });
    expect(wrong).toMatchObject({ status: 422, text: expect.stringContaining('Give a whole number') });
    const made = await owner.submit(wrong, 'Make the code', { ...READ, label: 'Fair', uses: '2' });
    expect(made.status).toBe(201);
    const code = /gate_accesscode_[\w-]+/.exec(made.text)?.[0] ?? '';
    expect((await owner.open(atApi('/access-codes'))).text).not.toContain(code);
    const page = await developer.open(atGuest(`/apps/${guest.clientId}/access`));
    const unknown = await developer.submit(page, 'See what it is good for', { code: 'gate_accesscode_x' });
    expect(unknown).toMatchObject({ status: 422, text: expect.stringContaining('This is no access code') });
    const look = await developer.submit(page, 'See what it is good for', { code });
    expect(look.text).toContain('This code gives App of Guest access to API of Host');
    expect((await server.platform.db.accessCode.findFirstOrThrow()).usesLeft).toBe(2);
    const without = await developer.submit(look, 'Redeem it');
    expect(without).toMatchObject({ status: 422, text: expect.stringContaining('Accept the terms') });
    const redeemed = await developer.submit(without, 'Redeem it', { terms: '1' });
    expect(redeemed.text).toContain('The code is redeemed');
    const ended = await owner.submit(await owner.open(atApi('/access-codes')), 'End this code');
    expect(ended.text).toContain('That code is ended.');
  });

  it('closes with everything that was taken', async () => {
    const listed = await developer.open(atGuest(`/catalogue/${host.apiId}`));
    await developer.submit(listed, 'Use this API', { terms: '1' });
    const openings = await owner.open(atApi('/openings'));
    expect(openings.text).toContain('1 app uses it');
    const { id } = await server.platform.db.apiOpening.findFirstOrThrow({
      where: { kind: 'all', endedAt: null },
    });
    const ending = await owner.open(atApi(`/openings/${id}/ending`));
    expect(ending.text).toContain('1 access came of it');
    expect((await owner.submit(ending, 'Close it now')).text).toContain('That opening is closed');
    expect(await accesses({ origin: 'open' })).toEqual([]);
  });

  it('is accepted anew under new terms', async () => {
    const of = { organizationId: host.organizationId, apiId: host.apiId };
    const text = 'From next month on, whoever uses this API also says thank you.';
    ok(await publishTerms(server.platform, operator, { ...of, text }));
    const page = await developer.open(atGuest(`/apps/${guest.clientId}/access`));
    expect(page.text).toContain('This API has new terms.');
    const terms = await developer.open(String(page.links.get('Read and accept them')));
    expect(terms.text).toContain(text);
    const stale = await developer.submit(terms, 'Accept for this app', { version: '1' });
    expect(stale).toMatchObject({ status: 422, text: expect.stringContaining('not the terms in force') });
    expect((await developer.submit(stale, 'Accept for this app')).text).toContain('The terms are accepted.');
    expect(await accesses({ origin: 'code' })).toMatchObject([{ termsVersion: 2 }]);
  });
});

describe('whoever sends what no page of theirs shows', () => {
  const stranger = () => rival.browsers.owner;
  const atRival = (below: string) => `/developers/organizations/${rival.organizationId}${below}`;

  it('takes, asks and redeems nothing for the apps of others', async () => {
    await open({ kind: 'all' });
    const { id: opening } = await server.platform.db.apiOpening.findFirstOrThrow({
      where: { kind: 'all', endedAt: null },
    });
    const before = await server.platform.db.access.count();
    const fields = {
      opening,
      app: guest.clientId,
      terms: '2',
      purpose: 'Something that sounds fine.',
      ...READ,
    };
    const taken = await forge(stranger(), atRival(`/catalogue/${host.apiId}/accesses`), fields);
    const asked = await forge(stranger(), atRival(`/catalogue/${host.apiId}/access-requests`), fields);
    expect([taken.status, asked.status]).toEqual([422, 422]);
    const path = atRival(`/apps/${guest.clientId}/access/redemptions`);
    expect((await forge(stranger(), path, { code: 'x' })).status).toBe(404);
    expect(await server.platform.db.access.count()).toBe(before);
  });

  it('takes no opening under the address of another API', async () => {
    const { id: opening } = await server.platform.db.apiOpening.findFirstOrThrow({
      where: { kind: 'all', endedAt: null },
    });
    const fields = { opening, app: rival.clientId, terms: '2' };
    for (const apiId of [guest.apiId, rival.apiId, 'x']) {
      expect((await forge(stranger(), atRival(`/catalogue/${apiId}/accesses`), fields)).status).toBe(404);
    }
    const other = { ...fields, opening: '01a21f8d-0000-7000-8000-000000000000' };
    expect((await forge(stranger(), atRival(`/catalogue/${host.apiId}/accesses`), other)).status).toBe(404);
  });

  it('decides, changes and ends nothing at the APIs of others', async () => {
    const [access] = await accesses();
    const request = await server.platform.db.accessRequest.findFirstOrThrow();
    const code = await server.platform.db.accessCode.findFirstOrThrow();
    const fields = { days: '', peoplePerDay: '', requestsPerMinute: '', until: '', ...READ };
    for (const below of [
      `/accesses/${access?.id}`,
      `/accesses/${access?.id}/ending`,
      `/access-requests/${request.id}/approval`,
      `/access-requests/${request.id}/refusal`,
      `/access-codes/${code.id}/ending`,
    ]) {
      expect((await forge(stranger(), atApi(below, rival), fields)).status, below).toBe(404);
      expect((await forge(stranger(), atApi(below), fields)).status, below).toBe(404);
    }
    expect(
      (await forge(stranger(), atRival(`/apps/${rival.clientId}/access/${access?.id}/ending`), {})).status,
    ).toBe(404);
    expect(await accesses({ id: access?.id })).toHaveLength(1);
  });

  it('gives an access no more than its rules do, whatever fields come along', async () => {
    const redirectUris = ['https://app.example.com/callback'];
    const { organizationId } = rival;
    const app = { organizationId, name: 'Second', type: 'web', redirectUris } as const;
    const { client } = ok(await createClient(server.platform, operator, app));
    const { id: opening } = await server.platform.db.apiOpening.findFirstOrThrow({
      where: { kind: 'all', endedAt: null },
    });
    const smuggled = {
      scopes: 'notes:write',
      'scope notes:write': 'on',
      origin: 'operator',
      until: '',
      days: '',
    };
    const more = {
      peoplePerDay: '',
      requestsPerMinute: '',
      termsVersion: '99',
      accountId: guest.people.owner.id,
    };
    const fields = { opening, app: client.id, terms: '2', ...smuggled, ...more };
    expect((await forge(stranger(), atRival(`/catalogue/${host.apiId}/accesses`), fields)).status).toBe(303);
    expect(await accesses({ clientId: client.id })).toMatchObject([
      { origin: 'open', scopes: ['notes:read'], peoplePerDay: 1000, requestsPerMinute: 600, termsVersion: 2 },
    ]);
  });
});
