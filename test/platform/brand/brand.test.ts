import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeSetting } from '../../../src/audit/change-setting.ts';
import { setLogo } from '../../../src/audit/set-logo.ts';
import {
  BRAND_NAME,
  BRAND_SUPPORT,
  BRAND_WELCOME,
  DEFAULT_LANGUAGE,
} from '../../../src/platform/brand/brand.ts';
import { parseColor } from '../../../src/platform/brand/colors.ts';
import { BRAND_ACCENT, BRAND_ACCENT_DARK, BRAND_RADIUS } from '../../../src/platform/brand/style-sheet.ts';
import type { Setting } from '../../../src/platform/settings.ts';
import { startTestServer } from '../../support/server.ts';
import { Visitor } from '../../support/visitor.ts';
import { OPERATOR } from '../../support/world.ts';

let server: Awaited<ReturnType<typeof startTestServer>>;
let visitor: Visitor;
beforeAll(async () => {
  server = await startTestServer();
  visitor = new Visitor(server.url);
});
afterAll(() => server.stop());

const set = <T>(setting: Setting<T>, value: T) =>
  changeSetting(server.platform, OPERATOR, { setting, value });
const reasonOf = (setting: Setting<string>, value: string) =>
  setting.schema.safeParse(value).error?.issues[0]?.message;

describe('the brand', () => {
  it('is ours until somebody changes it, and fetches nothing then', async () => {
    const page = await visitor.open('/sign-in');
    expect(page.title).toBe('Sign in · Gatehouse');
    expect(page.html).not.toContain('/brand/');
  });

  it('names the service everywhere, escaped', async () => {
    await set(BRAND_NAME, 'Tom & <b>Jerry</b>');
    await set(BRAND_WELCOME, { en: 'Hello <i>there</i>', ar: 'أهلًا' });
    const page = await visitor.open('/sign-in');
    expect(page.title).toBe('Sign in · Tom & <b>Jerry</b>');
    expect(page.text).toContain('Hello <i>there</i>');
    expect(page.html).not.toMatch(/<b>|<i>/);
    expect((await visitor.open('/sign-up')).text).toContain('One Tom & <b>Jerry</b> account');
    expect((await visitor.open('/', { headers: { 'Accept-Language': 'ar' } })).text).toContain('أهلًا');
    await set(BRAND_NAME, 'Gatehouse');
  });

  it('has a style sheet of our own writing, kept for ever under its digest', async () => {
    await set(BRAND_ACCENT, '#8a1c4a');
    await set(BRAND_RADIUS, '0.25rem');
    const page = await visitor.open('/');
    const path = /href="(\/brand\/style\.[0-9a-f]{16}\.css)"/.exec(page.html)?.[1] ?? '';
    const sheet = await visitor.open(path);
    expect(sheet.headers.get('Content-Type')).toBe('text/css; charset=utf-8');
    expect(sheet.headers.get('Cache-Control')).toContain('immutable');
    expect(sheet.html).toMatch(/^:root\{--accent:light-dark\(#8a1c4a,#93d2bd\);[^<>]*--radius:0\.25rem\}$/);
    const older = await visitor.open('/brand/style.0000000000000000.css');
    expect([older.status, older.headers.get('Cache-Control')]).toEqual([200, 'no-store']);
  });

  it.each([
    [BRAND_ACCENT, '#93d2bd', /light pages its contrast is 1\.\d:1/],
    [BRAND_ACCENT_DARK, '#1f5c4d', /dark pages its contrast is 1\.\d:1/],
    [BRAND_ACCENT, 'red;}', /color like/],
    [BRAND_RADIUS, '99px', /length from/],
    [BRAND_RADIUS, '1rem;color:red', /length from/],
    [BRAND_SUPPORT, 'http://help.example', /https or mailto/],
    [BRAND_SUPPORT, 'javascript:alert(1)', /https or mailto/],
    [BRAND_SUPPORT, 'https://a:b@help.example', /https or mailto/],
    [BRAND_NAME, '', /visible/],
    [BRAND_NAME, 'a\nb', /visible/],
    [BRAND_NAME, 'x'.repeat(41), /at most 40/],
  ] as const)('%# refuses what cannot be read or does harm: %s', (setting, value, reason) => {
    expect(reasonOf(setting as Setting<string>, value)).toMatch(reason);
  });

  it('judges accents by the grounds that the pages really have', () => {
    const css = readFileSync('public/gatehouse.css', 'utf8');
    const grounds = [...css.matchAll(/--(?:ground|card|calm|field): light-dark\((#\w+), (#\w+)\)/g)];
    expect(grounds.length).toBeGreaterThanOrEqual(3);
    const judged = readFileSync('src/platform/brand/style-sheet.ts', 'utf8');
    for (const color of grounds.flatMap(([, light = '', dark = '']) => [light, dark]))
      expect(judged, color).toContain(`[${parseColor(color)?.join(', ')}]`);
  });

  it('links from the foot of every page, in one order', async () => {
    await set(BRAND_SUPPORT, 'mailto:help@acme.example');
    const { links } = await visitor.open('/sign-in');
    expect(links.get('Help')).toBe('mailto:help@acme.example');
  });

  it('speaks the language the operator set where no other is known', async () => {
    await set(DEFAULT_LANGUAGE, 'de');
    const fresh = new Visitor(server.url);
    expect((await fresh.open('/')).html).toContain('<html lang="de"');
    expect((await fresh.open('/', { headers: { 'Accept-Language': 'en' } })).html).toContain('lang="en"');
    await set(DEFAULT_LANGUAGE, 'en');
  });
});

describe('a logo', () => {
  const picture = (width: number, height: number) =>
    sharp({ create: { width, height, channels: 3, background: '#8a1c4a' } });

  it.each(['png', 'jpeg', 'webp'] as const)('of a %s file is drawn anew and shown', async (format) => {
    const file = await picture(900, 300)
      .withMetadata({ exif: { IFD0: { Copyright: 'secret-place' } } })
      .toFormat(format)
      .toBuffer();
    const outcome = await setLogo(server.platform, OPERATOR, file);
    expect(outcome).toMatchObject({ ok: true, logo: { width: 512, height: 171 } });
    const page = await visitor.open('/sign-in');
    const path = /<img src="(\/brand\/logo\.[0-9a-f]{16}\.png)" width="512" height="171"/.exec(
      page.html,
    )?.[1];
    const answer = await fetch(new URL(String(path), server.url));
    expect(answer.headers.get('Content-Type')).toBe('image/png');
    expect(answer.headers.get('Cache-Control')).toContain('immutable');
    const served = Buffer.from(await answer.arrayBuffer());
    expect(served.toString('latin1')).not.toContain('secret-place');
    expect(await sharp(served).metadata()).toMatchObject({ format: 'png', width: 512 });
  });

  it.each([
    ['a drawing with scripts', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>')],
    ['a page', Buffer.from('<!doctype html>')],
    ['nothing', Buffer.alloc(0)],
    ['a broken picture', Buffer.from('\x89PNG\r\n\x1a\nnothing more', 'latin1')],
    ['a file that is too large', Buffer.alloc(2 * 1024 * 1024 + 1)],
  ])('is not made from %s', async (_, file) => {
    expect(await setLogo(server.platform, OPERATOR, file)).toMatchObject({ ok: false, reason: 'picture' });
  });

  it('is not made from a small file that unfolds to a huge picture', async () => {
    const file = await picture(6000, 6000).png({ compressionLevel: 9 }).toBuffer();
    expect(file.byteLength).toBeLessThan(200_000);
    expect(await setLogo(server.platform, OPERATOR, file)).toMatchObject({ ok: false, reason: 'picture' });
  });

  it('is on record', async () => {
    const where = { action: 'setting.changed', targetId: 'brand.logo' };
    expect(await server.platform.db.auditEvent.count({ where })).toBe(3);
  });
});
