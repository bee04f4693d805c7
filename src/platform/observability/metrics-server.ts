import { createServer, type RequestListener, type Server } from 'node:http';
import { healthPages, type PlainAnswer, type Readiness } from './health.pages.ts';
import type { Metrics } from './metrics.ts';

/** The server of METRICS_PORT, for the operator and never for the public: it asks nobody who they are. */
export function metricsServer(metrics: Metrics, readiness: Readiness): Server {
  return createServer(
    { requestTimeout: 10_000, headersTimeout: 10_000 },
    answerWith(healthPages(metrics, readiness)),
  );
}

const NOT_FOUND: PlainAnswer = { status: 404, type: 'text/plain', body: 'not found\n' };
const FAULT: PlainAnswer = { status: 500, type: 'text/plain', body: 'a fault\n' };

function answerWith(pages: Record<string, () => Promise<PlainAnswer>>): RequestListener {
  return async (req, res) => {
    const page = new Map(Object.entries(pages)).get((req.url ?? '').split('?', 1)[0] ?? '');
    const known = page !== undefined && (req.method === 'GET' || req.method === 'HEAD');
    const { status, type, body } = known ? await page().catch(() => FAULT) : NOT_FOUND;
    res.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' });
    res.end(req.method === 'HEAD' ? undefined : body);
  };
}
