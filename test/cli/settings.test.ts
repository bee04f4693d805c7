import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SETTINGS } from '../../src/cli/settings-catalogue.ts';
import { settingsPage } from '../../src/cli/settings-reference.ts';
import { openCommandLine, type TestCommandLine } from '../support/command-line.ts';

const src = new URL('../../src/', import.meta.url);
let cli: TestCommandLine;

beforeAll(async () => {
  cli = await openCommandLine();
});
afterAll(() => cli.close());

describe('settings', () => {
  it('are all in the catalogue, each once', () => {
    const defined = readdirSync(src, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(new URL(file, src), 'utf8'))
      .flatMap((text) => [...text.matchAll(/defineSetting(?:<[^>]*>)?\(\{\s*name: '([^']+)'/g)])
      .map(([, name]) => String(name));
    expect(SETTINGS.map(({ name }) => name).sort()).toEqual(defined.sort());
  });

  it('are described in the written reference (npm run reference writes it)', () => {
    const written = readFileSync(new URL('../docs/reference/settings.md', src), 'utf8');
    expect(written).toBe(settingsPage());
  });

  it('have defaults that they accept, a name in small letters and a sentence', () => {
    for (const { name, schema, fallback, about } of SETTINGS) {
      expect(schema.safeParse(fallback).success, name).toBe(true);
      expect(name).toMatch(/^[a-z]+([.-][a-z]+)*$/);
      expect(about).toMatch(/^[A-Z].*\.$/);
    }
  });

  it('are listed with their values', async () => {
    const listed = await cli.answerOf(['settings', 'list']);
    expect(listed).toMatchObject({ 'second-factor': 'everybody', 'trusted-browsers': false });
    const { stdout } = await cli.gatehouse(['settings', 'list']);
    expect(stdout).toMatch(/^SETTING +VALUE\n/);
  });

  it('are set, shown, and on record', async () => {
    expect(await cli.answerOf(['settings', 'set', 'trusted-browsers', 'true'])).toEqual({
      name: 'trusted-browsers',
      value: true,
    });
    expect(await cli.answerOf(['settings', 'show', 'trusted-browsers'])).toMatchObject({
      value: true,
      default: false,
    });
    const events = await cli.platform.db.auditEvent.findMany({ where: { action: 'setting.changed' } });
    expect(events).toMatchObject([{ targetId: 'trusted-browsers', actorKind: 'cli' }]);
  });

  it.each([
    ['second-factor', 'nobody'],
    ['trusted-browsers', 'perhaps'],
    ['second-factor', '{"a":1}'],
    ['second-factor', '__proto__'],
  ])('refuse a value that %s cannot have: %s', async (name, value) => {
    const { code, stderr } = await cli.gatehouse(['settings', 'set', name, value]);
    expect(code).toBe(1);
    expect(stderr).toContain(`${name} cannot be that`);
  });

  it('say so when there is none of that name', async () => {
    const { code, stderr } = await cli.gatehouse(['settings', 'show', 'nothing']);
    expect(code).toBe(64);
    expect(stderr).toContain('There is no setting nothing.');
  });

  it('take a picture for a logo, and say so when it is none', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'logo-'));
    const [picture, text] = [join(directory, 'logo.png'), join(directory, 'logo.svg')];
    await sharp({ create: { width: 40, height: 20, channels: 4, background: '#1f5c4d' } }).toFile(picture);
    await writeFile(text, '<svg xmlns="http://www.w3.org/2000/svg"/>');
    expect(await cli.answerOf(['settings', 'set-logo', '--file', picture])).toMatchObject({
      logo: { width: 40, height: 20 },
    });
    const refused = await cli.gatehouse(['settings', 'set-logo', '--file', text]);
    expect([refused.code, refused.stderr.trim()]).toEqual([
      1,
      'The picture must be a PNG, JPEG or WebP file.',
    ]);
    const missing = await cli.gatehouse(['settings', 'set-logo', '--file', join(directory, 'none')]);
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('cannot be read')]);
    await rm(directory, { recursive: true });
  });
});
