import { createServer, type RequestListener, type Server } from 'node:http';
import type { Metrics } from './metrics.ts';

/** Reasons why no request should be sent here; none means ready. */
export type Readiness = () => Promise<readonly string[]>;

/** /healthz: the process answers. /readyz: it can do its work. /metrics: for Prometheus. For the operator only. */
export function healthServer(metrics: Metrics, readiness: Readiness): Server {
  const pages: Record<string, () => Promise<Page>> = {
    '/healthz': async () => ({ status: 200, type: 'text/plain', body: 'ok\n' }),
    '/readyz': () => readyPage(readiness),
    '/metrics': async () => ({
      status: 200,
      type: metrics.registry.contentType,
      body: await metrics.registry.metrics(),
    }),
  };
  return createServer({ requestTimeout: 10_000, headersTimeout: 10_000 }, answerWith(pages));
}

interface Page {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const PATIENCE_MS = 3_000;

async function readyPage(readiness: Readiness): Promise<Page> {
  const inTime = new Promise<readonly string[]>((resolve) => {
    setTimeout(resolve, PATIENCE_MS, ['the checks take too long']).unref();
  });
  const reasons = await Promise.race([readiness(), inTime]).catch(() => ['a check failed']);
  const body = `${JSON.stringify({ ready: reasons.length === 0, reasons })}\n`;
  return { status: reasons.length === 0 ? 200 : 503, type: 'application/json', body };
}

function answerWith(pages: Record<string, () => Promise<Page>>): RequestListener {
  return async (req, res) => {
    const page = pages[(req.url ?? '').split('?', 1)[0] ?? ''];
    const known = page !== undefined && (req.method === 'GET' || req.method === 'HEAD');
    const { status, type, body } = known
      ? await page().catch(() => ({ status: 500, type: 'text/plain', body: 'a fault\n' }))
      : { status: 404, type: 'text/plain', body: 'not found\n' };
    res.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' });
    res.end(req.method === 'HEAD' ? undefined : body);
  };
}
