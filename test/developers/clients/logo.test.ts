import { deflateSync, crc32 } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LARGEST_LOGO } from '../../../src/developers/clients/logo.ts';
import { startTestServer } from '../../support/server.ts';
import { aPeopledOrganization, formTokenFor, type Peopled } from '../../support/two-organizations.ts';
import type { Role } from '../../../src/developers/organizations/roles.ts';

type Server = Awaited<ReturnType<typeof startTestServer>>;

let server: Server;
let acme: Peopled;
beforeAll(async () => {
  server = await startTestServer();
  acme = await aPeopledOrganization(server, 'Acme');
}, 60_000);
afterAll(() => server.stop());

const branding = () => `/developers/organizations/${acme.organizationId}/apps/${acme.clientId}/branding`;

interface Sent {
  readonly type?: string;
  readonly name?: string;
  readonly role?: Role;
  readonly token?: string;
  readonly more?: readonly [string, string][];
}

/** Sends a file as the page's form does. */
async function upload(
  file: Buffer | string,
  { type = 'image/png', name = 'logo.png', role = 'owner', token, more = [] }: Sent = {},
) {
  const browser = acme.browsers[role];
  const { href } = new URL(branding(), server.url);
  await browser.open(branding());
  const body = new FormData();
  body.set('form_token', token ?? formTokenFor(server.platform, browser, branding()));
  body.set('file', new Blob([new Uint8Array(Buffer.from(file as string))], { type }), name);
  for (const [field, value] of more) body.append(field, value);
  const headers = { Cookie: browser.cookies.headerFor(new URL(href)) ?? '', 'Sec-Fetch-Site': 'same-origin' };
  return fetch(href, { method: 'POST', body, headers, redirect: 'manual' });
}

const app = () => server.platform.db.client.findUniqueOrThrow({ where: { id: acme.clientId } });

const square = (background = '#1f5c4d', side = 64) =>
  sharp({ create: { width: side, height: side, channels: 3, background } });

/** A PNG that says it is huge and packs to almost nothing. */
function bomb(side: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([1, 0, 0, 0, 0], 8);
  const rows = deflateSync(Buffer.alloc((side / 8 + 1) * 1000));
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', rows),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

describe('a logo', () => {
  it('is drawn anew: nothing of the file itself is served', async () => {
    const file = Buffer.concat([
      await square()
        .jpeg()
        .withExif({ IFD0: { Copyright: 'secret-marker' } })
        .toBuffer(),
      Buffer.from('<script>alert(1)</script>'),
    ]);
    const answer = await upload(file, { type: 'image/jpeg', name: '../../etc/passwd.svg' });
    expect(answer.status).toBe(303);
    const { logo } = await app();
    const picture = Buffer.from(await (await fetch(`${server.url}/logos/${logo}.png`)).arrayBuffer());
    expect(picture.subarray(1, 4).toString()).toBe('PNG');
    expect(picture.includes('secret-marker')).toBe(false);
    expect(picture.includes('<script>')).toBe(false);
    expect((await sharp(picture).metadata()).width).toBeLessThanOrEqual(256);
  });

  it('of another picture has another name, and the old one is gone', async () => {
    await upload(await square('#111111').png().toBuffer());
    const { logo: before } = await app();
    await upload(await square('#eeeeee', 2000).webp().toBuffer(), { type: 'image/webp' });
    const { logo: after } = await app();
    expect(after).not.toBe(before);
    expect((await fetch(`${server.url}/logos/${before}.png`)).status).toBe(404);
    expect((await fetch(`${server.url}/logos/${after}.png`)).status).toBe(200);
  });

  const svg = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>';
  const hostile: [string, () => Buffer | string, Sent][] = [
    ['an SVG', () => svg, { type: 'image/svg+xml' }],
    ['an SVG that calls itself a PNG', () => svg, {}],
    ['a page', () => '<!doctype html><script>alert(1)</script>', { type: 'text/html' }],
    ['nothing but a signature', () => Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), {}],
    ['a GIF', () => Buffer.from('R0lGODlhAQABAAAAACw=', 'base64'), { type: 'image/gif' }],
    ['a PNG of 900 million pixels', () => bomb(30_000), {}],
    ['more than a megabyte', () => Buffer.alloc(LARGEST_LOGO + 1, 1), {}],
    ['an empty file', () => '', {}],
  ];
  it.each(hostile)('is refused beside its field where it is %s', async (_, file, sent) => {
    const { logo: before } = await app();
    const answer = await upload(file(), sent);
    expect(answer.status).toBe(422);
    expect(await answer.text()).toContain('id="field-file-problem"');
    expect((await app()).logo).toBe(before);
  });

  it('is refused where it is far too large, or comes twice, or from another site', async () => {
    const { logo: before } = await app();
    const png = await square('#00ff00').png().toBuffer();
    expect((await upload(Buffer.alloc(5 * LARGEST_LOGO))).status).toBe(413);
    expect((await upload(png, { token: 'x'.repeat(43) })).status).toBe(403);
    expect((await upload(png, { more: [['file', 'again']] })).status).toBe(400);
    expect((await upload(png, { role: 'viewer' })).status).toBe(403);
    expect((await app()).logo).toBe(before);
  });

  it('takes the verification of the publisher away, and no field of the form sets anything else', async () => {
    const verifiedAt = server.platform.clock.now();
    await server.platform.db.client.update({
      where: { id: acme.clientId },
      data: { verifiedAt, verifiedHost: 'acme.example' },
    });
    const answer = await upload(await square('#123456').png().toBuffer(), {
      more: [
        ['verifiedAt', '2026-01-01T00:00:00Z'],
        ['stage', 'development'],
        ['organizationId', '00000000-0000-0000-0000-000000000000'],
        ['firstParty', 'true'],
      ],
    });
    expect(answer.status).toBe(303);
    expect(await app()).toMatchObject({
      ...{ verifiedAt: null, stage: 'live', firstParty: false, organizationId: acme.organizationId },
    });
  });

  it.each(['x', '../x', `${'0'.repeat(64)}`, `${'0'.repeat(64)}.svg`, `${'0'.repeat(64)}.png`])(
    'is not served as %s',
    async (name) => {
      expect((await fetch(`${server.url}/logos/${name}`)).status).toBe(404);
    },
  );
});

describe('the preview of the consent page', () => {
  const preview = (language: string) =>
    `/developers/organizations/${acme.organizationId}/apps/${acme.clientId}/consent-preview?language=${language}`;

  it.each([
    ['en', 'Allow App of Acme to use your account?'],
    ['de', 'App of Acme'],
    ['ar', 'معاينة'],
  ])('is written in %s and sends nothing', async (language, words) => {
    const page = await acme.browsers.viewer.open(preview(language));
    expect(page.status).toBe(200);
    expect(page.html).toContain(`lang="${language}"`);
    expect(page.text).toContain(words);
    expect(page.html).toContain('<form method="post" inert>');
    expect(page.html).not.toContain('form_token');
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    const sent = await acme.browsers.owner.post(preview(language), { decision: 'allow' }, { follow: false });
    expect(sent.status).toBe(405);
  });
});
