import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import {
  deliverDueLetters,
  queueLetter,
  retryDelay,
  waitingLetters,
} from '../../../src/platform/mail/outbox.ts';
import { openTransport } from '../../../src/platform/mail/transport.ts';
import { openLogger } from '../../../src/platform/observability/logger.ts';
import type { Platform } from '../../../src/platform/platform.ts';
import { inTransaction } from '../../../src/platform/transaction.ts';
import type { Handler } from '../../../src/platform/web/context.ts';
import { webRoutes } from '../../../src/platform/web/routes.ts';
import { createTestDatabase } from '../../support/database.ts';
import { openTestPlatform } from '../../support/platform.ts';
import { bareConfig, frontDoor } from '../web/bare-app.ts';
import { type Delivery, smtpServer } from './smtp-server.ts';
import { PATIENCE } from '../../support/patience.ts';

const database = await createTestDatabase();
const opened = await openTestPlatform({ database });
afterAll(async () => {
  await opened.close();
  await database.drop();
});
beforeEach(async () => void (await opened.db.letter.deleteMany()));

const START = new Date('2026-03-01T12:00:00Z');

/** The same database with a clock that is moved, and letters that really leave for `port`, or wait in the mailbox. */
function officeWith({ port }: { port?: number } = {}) {
  const logged: Record<string, unknown>[] = [];
  const config = bareConfig(port === undefined ? {} : { smtpUrl: `smtp://localhost:${port}` });
  let now = START;
  const platform: Platform = {
    ...opened,
    config,
    mail: openTransport(config),
    clock: { now: () => now },
    log: openLogger({ level: 'info', to: { write: (line) => logged.push(JSON.parse(line)) } }),
  };
  const wait = (seconds: number) => {
    now = new Date(now.getTime() + seconds * 1000);
  };
  return { platform, logged, wait };
}

const letterTo = (to: string, text = 'Hello\n') => ({
  to,
  subject: 'A letter',
  text,
  html: `<p>${text}</p>`,
});

/** Delivers in a process of its own; answers how to kill that. */
function deliverInChild(office: { databaseUrl: string; encryptionKeys: string; smtpUrl: string }) {
  const script = fileURLToPath(new URL('./deliver-once.ts', import.meta.url));
  const env = {
    DATABASE_URL: office.databaseUrl,
    ENCRYPTION_KEYS: office.encryptionKeys,
    SMTP_URL: office.smtpUrl,
  };
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script], {
    env,
    stdio: 'inherit',
  });
  return async () => {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
}

const messageIdOf = ({ message }: Delivery) => /^Message-ID: (.*)$/m.exec(message)?.[1];

const rows = () => opened.db.letter.findMany({ orderBy: { id: 'asc' } });

describe('a letter in the outbox', () => {
  it('is sealed at rest', async () => {
    const { platform } = officeWith();
    const code = String(randomInt(1e11, 1e12));
    await queueLetter(platform, letterTo('ann@example.com', code));
    const stored = JSON.stringify(await rows());
    for (const secret of [code, 'ann@example.com', 'A letter']) {
      expect(stored).not.toContain(secret);
      expect(stored).not.toContain(Buffer.from(secret).toString('hex'));
      expect(stored).not.toContain(Buffer.from(secret).toString('base64').slice(0, -4));
    }
  });

  it('exists only if its transaction commits', async () => {
    const { platform } = officeWith();
    const failing = inTransaction(platform, async (tx) => {
      await queueLetter(tx, letterTo('ann@example.com'));
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect(await rows()).toEqual([]);
  });

  it.each([
    'ann@example.com, eve@evil.example',
    'Ann <ann@example.com>',
    'ann@example.com\r\nBcc: eve@evil.example',
    'ann@example.com>\r\nRCPT TO:<eve@evil.example',
    'undisclosed: eve@evil.example;',
    'ann@example.com(comment)',
    '"ann eve"@example.com',
    'ann',
    '',
  ])('goes to one plain address, not to %j', async (to) => {
    const { platform } = officeWith();
    await expect(queueLetter(platform, letterTo(to))).rejects.toThrow('exactly one plain address');
  });

  it('has a subject of one line', async () => {
    const { platform } = officeWith();
    const letter = { ...letterTo('ann@example.com'), subject: 'Hello\r\nBcc: eve@evil.example' };
    await expect(queueLetter(platform, letter)).rejects.toThrow('one line');
  });
});

describe('delivery', () => {
  it('sends each letter once and erases its text', async () => {
    await using server = await smtpServer();
    const { platform, logged } = officeWith(server);
    await queueLetter(platform, letterTo('ann@example.com'));
    await queueLetter(platform, letterTo('bob@example.com'));
    expect(await deliverDueLetters(platform)).toBe(2);
    expect(await deliverDueLetters(platform)).toBe(0);
    const recipients = server.deliveries.flatMap((delivery) => delivery.recipients).sort();
    expect(recipients).toEqual(['RCPT TO:<ann@example.com>', 'RCPT TO:<bob@example.com>']);
    for (const row of await rows()) expect(row).toMatchObject({ sealed: null, sentAt: START, attempts: 1 });
    expect(logged).toEqual([]);
  });

  it('by several deliverers at once sends nothing twice', async () => {
    await using server = await smtpServer();
    const { platform } = officeWith(server);
    for (let n = 0; n < 24; n += 1) await queueLetter(platform, letterTo(`person-${n}@example.com`));
    const counts = await Promise.all(Array.from({ length: 4 }, () => deliverDueLetters(platform)));
    expect(counts.reduce((sum, count) => sum + count)).toBe(24);
    const ids = server.deliveries.map(messageIdOf);
    expect(new Set(ids).size).toBe(24);
    expect(ids).toHaveLength(24);
  });

  it('tries again when the server refuses, and says so without the letter', async () => {
    await using server = await smtpServer({ answer: '451 later, ann@example.com' });
    const { platform, logged, wait } = officeWith(server);
    await queueLetter(platform, letterTo('ann@example.com'));
    expect(await deliverDueLetters(platform)).toBe(0);
    expect(logged).toMatchObject([{ level: 'warn', attempts: 1 }]);
    expect(JSON.stringify(logged)).not.toContain('ann@example.com');
    server.options.answer = undefined;
    expect(await deliverDueLetters(platform)).toBe(0);
    wait(16);
    expect(await deliverDueLetters(platform)).toBe(1);
    expect(server.deliveries).toHaveLength(1);
  });

  it('tries again when there is no server', async () => {
    const { platform, wait } = officeWith({ port: 1 });
    await queueLetter(platform, letterTo('ann@example.com'));
    await deliverDueLetters(platform);
    wait(16);
    await deliverDueLetters(platform);
    expect(await rows()).toMatchObject([{ attempts: 2, sentAt: null, sealed: expect.any(String) }]);
  });

  it('loses nothing when the process is killed in the middle of it', async () => {
    await using silent = await smtpServer({ answer: null });
    await queueLetter(opened, letterTo('ann@example.com'));
    const killed = deliverInChild({ ...database, smtpUrl: silent.url });
    await expect.poll(() => silent.deliveries.length, PATIENCE).toBe(1);
    await killed();

    await using server = await smtpServer();
    const { platform, wait } = officeWith(server);
    expect(await deliverDueLetters(platform)).toBe(0);
    wait((Date.now() - START.getTime()) / 1000 + 121);
    expect(await deliverDueLetters(platform)).toBe(1);
    // At least once: whoever got it twice can tell by the Message-ID.
    const ids = [...silent.deliveries, ...server.deliveries].map(messageIdOf);
    expect(ids).toEqual([ids[0], ids[0]]);
  });

  it('gives up after a day and erases the text', async () => {
    const { platform, logged, wait } = officeWith({ port: 1 });
    await queueLetter(platform, letterTo('ann@example.com'));
    wait(86_400);
    await deliverDueLetters(platform);
    expect(await rows()).toMatchObject([{ sealed: null, sentAt: null }]);
    expect(logged).toMatchObject([{ level: 'error' }]);
    expect(await deliverDueLetters(platform)).toBe(0);
  });

  it.each([
    [1, 0, 7.5],
    [1, 1, 15],
    [2, 1, 30],
    [5, 1, 240],
    [12, 1, 1800],
    [500, 0, 900],
  ])('waits after attempt %i (chance %f) %f seconds', (attempts, chance, seconds) => {
    expect(retryDelay(attempts, chance)).toBe(seconds);
  });
});

describe('the mailbox of a development server', () => {
  it('shows letters, newest first, and the log says only that they wait', async () => {
    const { platform, logged, wait } = officeWith();
    await queueLetter(platform, letterTo('ann@example.com', 'type <b>48213377</b>'));
    wait(120);
    await queueLetter(platform, letterTo('bob@example.com'));
    await deliverDueLetters(platform);
    await deliverDueLetters(platform);
    expect(logged.map(({ msg }) => msg)).toEqual([
      'a letter waits at /mailbox',
      'a letter waits at /mailbox',
    ]);
    expect(JSON.stringify(logged)).not.toMatch(/ann|bob|4821/);

    await using app = await frontDoor(platform, [webRoutes().routes() as Handler]);
    const { status, headers, body } = await app.ask('/mailbox');
    expect(status).toBe(200);
    expect(headers['cache-control']).toBe('no-store');
    expect(body).toContain('type &lt;b&gt;48213377&lt;/b&gt;');
    expect(body).toContain('2 minutes ago');
    expect(body.indexOf('bob@example.com')).toBeLessThan(body.indexOf('ann@example.com'));
  });

  it('shows a letter before any job ran', async () => {
    const { platform } = officeWith();
    await queueLetter(platform, letterTo('ann@example.com'));
    expect(await waitingLetters(platform)).toMatchObject([
      { to: 'ann@example.com', subject: 'A letter', text: 'Hello\n' },
    ]);
  });

  it('erases letters after an hour', async () => {
    const { platform, wait } = officeWith();
    await queueLetter(platform, letterTo('ann@example.com'));
    await deliverDueLetters(platform);
    wait(3599);
    await deliverDueLetters(platform);
    expect(await waitingLetters(platform)).toHaveLength(1);
    wait(1);
    expect(await waitingLetters(platform)).toEqual([]);
    await deliverDueLetters(platform);
    expect(await rows()).toMatchObject([{ sealed: null }]);
  });
});
