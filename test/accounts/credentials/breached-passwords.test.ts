import { createHash } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { isBreached } from '../../../src/accounts/credentials/breached-passwords.ts';
import { openLogger } from '../../../src/platform/observability/logger.ts';

const PASSWORD = 'violet kettle under moss';
const DIGEST = createHash('sha1').update(PASSWORD).digest('hex').toUpperCase();
const OTHER = 'A'.repeat(35);

let server: Server | undefined;
afterEach(() => server?.closeAllConnections() ?? server?.close());

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/range/`;
}

function gatheringLog() {
  const lines: string[] = [];
  const to = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  return { lines, log: openLogger({ level: 'trace', to }) };
}

describe('the look-up of breached passwords', () => {
  it.each([
    ['is found among others', `${OTHER}:12\r\n${DIGEST.slice(5)}:3\r\n`, true],
    ['is not among the others', `${OTHER}:12\r\n`, false],
    ['is not found where its line is only padding', `${OTHER}:12\r\n${DIGEST.slice(5)}:0\r\n`, false],
    ['is not found in an empty answer', '', false],
    ['is not found in an answer that is no list', '<html>', false],
  ])('%s', async (_, body, found) => {
    const ranges = await serve((_req, res) => res.end(body));
    const { log, lines } = gatheringLog();
    await expect(isBreached({ log }, PASSWORD, ranges)).resolves.toBe(found);
    expect(lines).toEqual([]);
  });

  it('tells five digits of the digest, asks for padding and sends nothing else', async () => {
    const seen: { url: string | undefined; padding: unknown; whole: string }[] = [];
    const ranges = await serve((req, res) => {
      const { url, headers } = req;
      seen.push({ url, padding: headers['add-padding'], whole: JSON.stringify([url, headers]) });
      res.end('');
    });
    await isBreached(gatheringLog(), PASSWORD, ranges);
    expect(seen).toMatchObject([{ url: `/range/${DIGEST.slice(0, 5)}`, padding: 'true' }]);
    expect(seen[0]?.whole).not.toContain(DIGEST.slice(0, 6));
  });

  it.each<[string, RequestListener]>([
    ['answers with a fault', (_req, res) => res.writeHead(500).end()],
    ['sends elsewhere', (_req, res) => res.writeHead(302, { Location: 'http://127.0.0.1:1/' }).end()],
    ['hangs up', (req) => req.socket.destroy()],
    ['does not answer within a second', () => {}],
    ['never stops talking', (_req, res) => void res.write(`${OTHER}:1\r\n`.repeat(20_000))],
  ])('lets the password pass when the service %s, and says so once', async (_, listener) => {
    const healthy = await serve((_req, res) => res.end(''));
    await isBreached(gatheringLog(), PASSWORD, healthy);
    server?.close();
    const ranges = await serve(listener);
    const { log, lines } = gatheringLog();
    await expect(isBreached({ log }, PASSWORD, ranges)).resolves.toBe(false);
    await isBreached({ log }, PASSWORD, ranges);
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toMatch(new RegExp(`${PASSWORD}|${DIGEST.slice(0, 5)}`, 'i'));
  });
});
