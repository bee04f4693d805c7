import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { guidePage, type GuideFacts, momentOf } from './guide-page.ts';
import { type Answered, isSignIn, NOTHING_DONE, type Progress, progressAfter } from './progress.ts';
import { timeStep } from './one-time-code.ts';

/** The page that leads through the demo, served by the demo itself. */
export interface Guide {
  /** Tells the guide what a program answered; its steps tick by that. */
  observe(answered: Answered): void;
  close(): void;
}

/** The page has the demo's password on it: nobody may embed it, and only a browser that asks for this host gets it. */
const HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
};

const FILES: Readonly<Record<string, readonly [path: string, type: string]>> = {
  '/gatehouse.css': ['../../public/gatehouse.css', 'text/css'],
  '/favicon.svg': ['../../public/favicon.svg', 'image/svg+xml'],
  '/guide.css': ['./guide.css', 'text/css'],
  '/guide.js': ['./guide.js', 'text/javascript'],
};

export async function openGuide(facts: GuideFacts, port: number): Promise<Guide> {
  let progress: Progress = NOTHING_DONE;
  let spentStep = 0;
  const moment = () => momentOf(facts, progress, spentStep, Date.now());
  const observe = (answered: Answered) => {
    progress = progressAfter(progress, answered);
    // Whoever has just signed in has used the code of this time step, or an earlier one.
    if (isSignIn(answered)) spentStep = timeStep(Date.now());
  };
  const hosts = new Set([`localhost:${port}`, `127.0.0.1:${port}`]);
  const server = createServer(async (request, response) => {
    if (!hosts.has(request.headers.host ?? '')) return answer(response, 421, 'text/plain', 'Wrong address.');
    switch (`${request.method} ${request.url}`) {
      case 'GET /':
        return answer(response, 200, 'text/html; charset=utf-8', guidePage(facts, moment()));
      case 'GET /updates':
        return sendUpdates(response, moment);
      case 'GET /broken-redirect':
        if (await isExplained(facts.brokenRedirect)) {
          observe({ program: 'guide', method: 'GET', path: '/broken-redirect', status: 302 });
        }
        return redirect(response, 302, facts.brokenRedirect);
      case 'POST /again':
        if (!sentFromHere(request)) return answer(response, 403, 'text/plain', 'Sent from another site.');
        progress = NOTHING_DONE;
        return redirect(response, 303, '/');
      default:
        return answerFile(response, request);
    }
  });
  await new Promise<void>((done, fail) => server.once('error', fail).listen(port, '127.0.0.1', done));
  return { observe, close: () => void server.close().closeAllConnections() };
}

/** The step ticks only if Gatehouse really shows a page and sends nobody on. */
async function isExplained(brokenRedirect: string): Promise<boolean> {
  const shown = await fetch(brokenRedirect, { redirect: 'manual' }).catch(() => undefined);
  return shown?.status === 400 && !shown.headers.has('location');
}

/** The state of the page once a second, as server-sent events. */
function sendUpdates(response: ServerResponse, moment: () => unknown): void {
  response.writeHead(200, { ...HEADERS, 'Content-Type': 'text/event-stream' });
  const send = () => response.write(`data: ${JSON.stringify(moment())}\n\n`);
  send();
  const timer = setInterval(send, 1000);
  response.once('close', () => clearInterval(timer));
}

function answerFile(response: ServerResponse, { method, url = '' }: IncomingMessage): void {
  const file = method === 'GET' ? FILES[url] : undefined;
  if (file) answer(response, 200, file[1], readFileSync(new URL(file[0], import.meta.url), 'utf8'));
  else answer(response, 404, 'text/plain', 'There is nothing here.');
}

function sentFromHere({ headers }: IncomingMessage): boolean {
  return headers.origin === undefined || headers.origin === `http://${headers.host}`;
}

function redirect(response: ServerResponse, status: number, to: string): void {
  response.writeHead(status, { ...HEADERS, Location: to }).end();
}

function answer(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { ...HEADERS, 'Content-Type': type }).end(body);
}
