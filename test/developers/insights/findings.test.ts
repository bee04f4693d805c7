import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeSetting } from '../../../src/audit/change-setting.ts';
import {
  blockingFindings,
  findingsOf,
  findingsOfApi,
  REQUIRED_CHECKS,
} from '../../../src/developers/insights/checks/findings.ts';
import { noteUsage, writeUsage } from '../../../src/developers/insights/usage-notes.ts';
import { aClient, anApi, anOrganization, operator } from '../../support/developers.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { openTestPlatform } from '../../support/platform.ts';

let platform: OpenPlatform;
let organization: string;
beforeAll(async () => {
  platform = await openTestPlatform();
  organization = await anOrganization(platform);
});
afterAll(() => platform.close());

const ids = (findings: readonly { check: string }[]) => findings.map(({ check }) => check);

describe('the findings of an app', () => {
  it('come from what is registered, problems first, each with the page that puts it right', async () => {
    const { client } = await aClient(platform, organization);
    const findings = await findingsOf(platform, client.id);
    expect(ids(findings)).toEqual([
      ...['privacy-missing', 'key-recommended', 'homepage-missing', 'terms-missing', 'logo-missing'],
      'owner-single',
    ]);
    expect(findings[0]?.href).toBe(`/developers/organizations/${organization}/apps/${client.id}/settings`);
    expect(findings.at(-1)?.href).toBe(`/developers/organizations/${organization}/members`);
  });

  it('see what it did today', async () => {
    const { client } = await aClient(platform, organization);
    const call = { clientId: client.id, at: platform.clock.now(), endpoint: 'token', milliseconds: 3 };
    for (let calls = 0; calls < 20; calls += 1) noteUsage(platform, { ...call, error: 'invalid_grant' });
    await writeUsage(platform);
    const finding = (await findingsOf(platform, client.id)).find(({ check }) => check === 'failures-many');
    expect(finding?.title.values).toEqual({ failures: 20, requests: 20 });
  });

  it('are conditions for going live where an operator says so, and only those', async () => {
    const { client } = await aClient(platform, organization);
    expect(await blockingFindings(platform, client.id)).toEqual([]);
    const value = ['privacy-missing', 'secret-old'];
    await changeSetting(platform, operator, { setting: REQUIRED_CHECKS, value });
    await platform.settings.refresh();
    expect(ids(await blockingFindings(platform, client.id))).toEqual(['privacy-missing']);
  });

  it('are none where there is no such app', async () => {
    expect(await findingsOf(platform, 'app_aaaaaaaaaaaaaaaaaaaa')).toEqual([]);
    expect(await findingsOf(platform, "'; --")).toEqual([]);
  });
});

describe('the findings of an API', () => {
  it('come from what is registered', async () => {
    const { api } = await anApi(platform, organization, { tokenFormat: 'jwt' });
    const findings = await findingsOfApi(platform, api.id);
    expect(ids(findings)).toEqual([
      ...['jwt-changes', 'details-missing', 'api-description-missing', 'api-terms-missing'],
      ...['reference-missing', 'api-owner-single'],
    ]);
    expect(findings[0]?.title.values).toMatchObject({ names: ['notes:write'] });
    expect(await findingsOfApi(platform, crypto.randomUUID())).toEqual([]);
  });

  it('hold what the lint of its reference found', async () => {
    const { api } = await anApi(platform, organization);
    const paths = { '/notes': { get: { responses: { 200: { description: 'Notes' } } } } };
    const document = { openapi: '3.1.0', info: { title: 'Notes', version: '1' }, paths };
    const row = { apiId: api.id, document, uploadedAt: platform.clock.now() };
    await platform.db.apiReference.create({ data: row });
    const found = (await findingsOfApi(platform, api.id)).find(({ check }) => check === 'reference-faults');
    expect(found?.title.values).toEqual({ count: 1 });
  });
});
