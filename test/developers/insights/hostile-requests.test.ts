import { request } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeRequests } from '../../../src/developers/insights/request-log.ts';
import { authorizePath, formOf, post } from '../../oidc/stage.ts';
import { type InspectorStage, openInspectorStage, untilShown } from './inspector-stage.ts';

let stage: InspectorStage;

beforeAll(async () => {
  stage = await openInspectorStage();
});
afterAll(() => stage.server.stop());

const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '<%= process.exit() %>',
  '{{constructor}}',
  'a\r\nSet-Cookie: a=b',
  '\u202egnp.exe',
  '\ud800',
  'x'.repeat(20_000),
  '[link](javascript:alert(1))',
];

/** The page of each logged call of the app. */
async function pages() {
  const list = await stage.browser.open(`${stage.home}/requests`);
  const keys = [...new Set([...list.html.matchAll(/requests\/(\d+-\d+)"/g)].map(([, key]) => key))];
  return Promise.all(keys.map((key) => stage.browser.open(`${stage.home}/requests/${key}`)));
}

it('whatever a request says is text on its page and nothing else', async () => {
  for (const value of HOSTILE) {
    const params = { grant_type: value, scope: value, resource: value, [value]: value, redirect_uri: value };
    await post(stage, '/token', stage.app, params, {
      'User-Agent': value.replace(/[^\x20-\x7e]/g, '').slice(0, 900),
    });
    if (!/[\r\n]|\ud800/.test(value) && value.length < 4_000)
      await stage.browser.open(authorizePath(stage.app, { redirect_uri: value, scope: value }));
  }
  await writeRequests(stage.server.platform);
  const shown = await pages();
  expect(shown.length).toBeGreaterThanOrEqual(HOSTILE.length);
  for (const { status, html } of shown) {
    expect(status).toBe(200);
    expect(html).not.toMatch(/<script>|<img src=x|<[^>&]*(?:onerror|onmouseover)=|href="javascript/);
    expect(html).not.toMatch(/[\u202e\r]/);
    expect(html.length).toBeLessThan(60_000);
  }
});

it('a request with NUL, broken UTF-8 or a huge header is logged or refused, and never a fault', async () => {
  const raw = (body: Buffer | string, headers: Record<string, string> = {}) =>
    new Promise<number>((resolve, reject) => {
      const basic = `Basic ${Buffer.from(`${stage.app.clientId}:${stage.app.secret}`).toString('base64')}`;
      const sent = request(
        new URL('/token', stage.issuer),
        {
          method: 'POST',
          headers: {
            authorization: basic,
            'content-type': 'application/x-www-form-urlencoded',
            ...headers,
          },
        },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode ?? 0);
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  expect(await raw('grant_type=%00&scope=a%00b')).toBe(400);
  expect(await raw(Buffer.from([0x67, 0x72, 0xff, 0xfe, 0x3d, 0xc0]))).toBe(400);
  expect(await raw('grant_type=x', { dpop: 'y'.repeat(8_000) })).toBe(400);
  expect(await writeRequests(stage.server.platform)).toBeGreaterThan(0);
  const page = await untilShown(
    stage,
    () => stage.browser.open(`${stage.home}/requests?endpoint=token&result=failed`),
    ({ text }) => text.includes('ms'),
  );
  expect(page.status).toBe(200);
});

it('no address of a list or of one request is a fault, whatever it says', async () => {
  for (const value of [
    ...HOSTILE.slice(0, 5),
    '-1',
    '9'.repeat(40),
    '0000000000000-0',
    '1764288000000-999999999999999999',
  ]) {
    const query = formOf({ before: value, since: value, until: value, error: value, request: value });
    expect((await stage.browser.open(`${stage.home}/requests?${query}`)).status).toBe(200);
    const one = await stage.browser.open(`${stage.home}/requests/${encodeURIComponent(value)}`);
    expect(one.status).toBe(404);
  }
  const far = await stage.browser.open(
    `${stage.home}/requests?since=0001-01-01T00:00&until=9999-12-31T23:59`,
  );
  expect(far.status).toBe(200);
});
