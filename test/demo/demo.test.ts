import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Kept } from '../../examples/demo/kept.ts';
import { runsStill } from '../../examples/demo/programs.ts';
import { freePort } from '../support/server.ts';
import { type Page, Visitor } from '../support/visitor.ts';

const SCRIPT = fileURLToPath(new URL('../../examples/demo/demo.ts', import.meta.url));
/** The demo must not care for these. */
const FOREIGN = {
  DATABASE_URL: 'postgresql://nobody:wrong@localhost:1/none',
  ISSUER_URL: 'https://id.example.com',
  SMTP_URL: 'smtps://mail.example.com',
  PORT: '1',
};

/** A demo that has printed its link. */
interface RunningDemo {
  readonly link: string;
  output(): string;
  kill(signal: NodeJS.Signals): void;
  /** Its exit code or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

async function startDemo(dataDir: string, port: number): Promise<RunningDemo> {
  const args = ['--disable-warning=ExperimentalWarning', SCRIPT, '--data-dir', dataDir, '--port', `${port}`];
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...FOREIGN },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const ended = new Promise<number | string>((done) => {
    child.once('close', (code, signal) => done(code ?? signal ?? 'unknown'));
  });
  const link = new Promise<string>((found, failed) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        const printed = /Open this page.*?(http:\/\/localhost:\d+)/s.exec(output)?.[1];
        if (printed) found(printed);
      });
    }
    ended.then((how) => failed(new Error(`the demo ended with ${how}: ${output}`)));
  });
  return { link: await link, output: () => output, kill: (signal) => child.kill(signal), ended };
}

async function keptIn(dataDir: string): Promise<Kept> {
  return JSON.parse(await readFile(join(dataDir, 'demo.json'), 'utf8'));
}

/** What the guide shows: whom to sign in as, and which steps are done. */
async function guideAt(link: string) {
  const html = await (await fetch(link)).text();
  const [email = '', password = '', code = ''] = [...html.matchAll(/class="copy"[^>]*>([^<]*)</g)].map(
    ([, text = '']) => text,
  );
  const done = [...html.matchAll(/class="step done" id="([a-z-]+)"/g)].map(([, step]) => step);
  const lines = [...html.matchAll(/<pre[^>]*><code>(.*?)<\/code>/gs)].map(([, text = '']) => unescaped(text));
  return { email, password, code, done, lines };
}

function unescaped(text: string): string {
  return text.replaceAll(/&#(\d+);/g, (_, character) => String.fromCodePoint(Number(character)));
}

/** Opens an address and goes where it is sent, from site to site as a browser does. */
async function goTo(visitor: Visitor, address: string): Promise<Page> {
  const page = await visitor.open(address, { follow: false });
  return page.location === undefined ? page : goTo(visitor, page.location);
}

async function arrive(visitor: Visitor, page: Page): Promise<Page> {
  return page.location === undefined ? page : goTo(visitor, page.location);
}

/** An ended process that nobody has waited for keeps its id, but no command line. */
function isAlive(pid: number): boolean {
  return runsStill(pid, '.ts');
}

describe('npm run demo', { timeout: 60_000 }, () => {
  let dataDir: string;
  let port: number;
  let demo: RunningDemo;
  let visitor: Visitor;
  let issuer: string;
  let notes: string;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'gatehouse-demo-'));
    // Below the ports that systems hand out by themselves, so that nobody takes one between two runs.
    port = 20_000 + randomInt(1_000) * 10;
    demo = await startDemo(dataDir, port);
    const { ports } = await keptIn(dataDir);
    issuer = `http://localhost:${ports?.gatehouse}`;
    notes = `http://localhost:${ports?.notes}`;
    visitor = new Visitor(issuer);
  }, 120_000);
  afterAll(async () => {
    demo.kill('SIGINT');
    await demo.ended;
    await rm(dataDir, { recursive: true, force: true });
  });

  it('leads through five steps, each of which ticks when it has happened', async () => {
    const { email, password, code, done } = await guideAt(demo.link);
    expect(done).toEqual([]);

    const signIn = await goTo(visitor, `${notes}/sign-in`);
    const second = await visitor.submit(signIn, 'Sign in', { Email: email, Password: password });
    const consent = await visitor.submit(second, 'Continue', { 'One-time code': code });
    expect(consent.text).toContain('Notes Workshop');
    expect(consent.text).toContain('See your events');
    expect(consent.text).not.toContain('Add events');
    const home = await arrive(visitor, await visitor.submit(consent, 'Allow'));
    expect(home.text).toContain('Signed in as Robin Reader');
    expect((await guideAt(demo.link)).done).toEqual(['sign-in']);

    const calendar = await visitor.submit(home, 'Read my calendar');
    expect(calendar.text).toContain('Lunch with Ada');
    const refused = await visitor.submit(calendar, 'Add an event');
    expect(refused.text).toContain('This needs the scope calendar:write. The app only has calendar:read.');
    expect((await guideAt(demo.link)).done).toEqual(['sign-in', 'read', 'write']);

    const explained = await goTo(visitor, `${demo.link}/broken-redirect`);
    expect(explained).toMatchObject({ status: 400, url: expect.stringContaining(`${issuer}/authorize`) });
    expect(explained.text).toContain('return address');

    const given = await visitor.submit(refused, 'Give access back');
    const over = await visitor.submit(given, 'Read my calendar');
    expect(over.text).toContain('The access token is unknown, has ended, or is not for this API.');
    expect((await guideAt(demo.link)).done).toEqual(['sign-in', 'read', 'write', 'redirect', 'revoke']);
  });

  it('signs in again without another question, and signs out of the app and of Gatehouse', async () => {
    const home = await goTo(visitor, `${notes}/sign-in`);
    expect(home.text).toContain('Signed in as Robin Reader');
    const question = await arrive(visitor, await visitor.submit(home, 'Sign out'));
    const out = await arrive(visitor, await visitor.submit(question, 'Sign out'));
    expect(out).toMatchObject({ url: `${notes}/`, text: expect.not.stringContaining('Signed in') });
    expect((await goTo(visitor, `${notes}/sign-in`)).title).toContain('Sign in');
  });

  it('keeps what it made readable by its owner only, and shows it to nobody under another host name', async () => {
    expect((await stat(join(dataDir, 'demo.json'))).mode & 0o777).toBe(0o600);
    const request = { port: new URL(demo.link).port, headers: { Host: 'rebound.example' } };
    const [answer] = await once(get({ host: '127.0.0.1', ...request }), 'response');
    expect(answer.resume().statusCode).toBe(421);
  });

  it('shows fifteen lines that protect an API', async () => {
    const { lines } = await guideAt(demo.link);
    const [program = '', curl = ''] = lines;
    expect(program.split('\n')).toHaveLength(15);
    const [ownPort, file] = [await freePort(), join(dataDir, 'api.mjs')];
    await writeFile(file, program.replace('4000', String(ownPort)));
    const child = spawn(process.execPath, [file], { stdio: 'ignore' });
    const call = async (token?: string): Promise<Response> => {
      const headers = token === undefined ? undefined : { Authorization: `Bearer ${token}` };
      return fetch(`http://127.0.0.1:${ownPort}`, { headers }).catch(() => call(token));
    };
    try {
      expect((await call()).status).toBe(401);
      const token = await tokenBy(curl);
      const answer = await call(token);
      expect(await answer.text()).toMatch(/^Hello app_/);
      expect((await call(`${token}x`)).headers.get('WWW-Authenticate')).toBe('Bearer error="invalid_token"');
    } finally {
      child.kill();
    }
  });

  it('Ctrl-C leaves nothing running, and a second run prints the same link and a working password', async () => {
    const before = { guide: await guideAt(demo.link), kept: await keptIn(dataDir), link: demo.link };
    demo.kill('SIGINT');
    demo.kill('SIGINT');
    expect(await demo.ended).toBe(0);
    expect(Object.values(before.kept.running).filter(isAlive)).toEqual([]);
    await expect(stat(join(dataDir, 'postgresql/data/postmaster.pid'))).rejects.toThrow('ENOENT');

    demo = await startDemo(dataDir, port);
    expect(demo.link).toBe(before.link);
    expect((await keptIn(dataDir)).made).toEqual(before.kept.made);
    const { email, password } = await guideAt(demo.link);
    expect({ email, password }).toEqual({ email: before.guide.email, password: before.guide.password });
    const visitor = new Visitor(issuer);
    const signIn = await goTo(visitor, `${notes}/sign-in`);
    const second = await visitor.submit(signIn, 'Sign in', { Email: email, Password: password });
    expect(second.text).toContain('One-time code');
  });

  it('says which program has died, and stops the others', async () => {
    const { running } = await keptIn(dataDir);
    process.kill(Number(running.calendar), 'SIGKILL');
    expect(await demo.ended).toBe(1);
    expect(demo.output()).toContain('examples/calendar-api/calendar-api.ts has ended by itself (SIGKILL)');
    expect(Object.values(running).filter(isAlive)).toEqual([]);
  });

  it('after a kill -9 the next run stops what was left and starts again', async () => {
    demo = await startDemo(dataDir, port);
    const { link } = demo;
    const { running } = await keptIn(dataDir);
    demo.kill('SIGKILL');
    await demo.ended;
    demo = await startDemo(dataDir, port);
    expect(demo.link).toBe(link);
    expect(Object.values(running).filter(isAlive)).toEqual([]);
  });
});

/** Runs the first command of the lines that get a token. */
async function tokenBy(lines: string): Promise<string> {
  const [, credentials = '', url = ''] = /-u (\S+) (\S+)/.exec(lines) ?? [];
  const fields = [...lines.matchAll(/-d (\S+)/g)].map(([, field = '']) => field);
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      Authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
      'Content-Type': 'application/x-www-form-urlencoded',
    },
    body: fields.join('&'),
  });
  const { access_token: token } = (await answer.json()) as { access_token: string };
  return token;
}
