import type { Metrics } from './metrics.ts';

/** Reasons why no request should be sent here; none means ready. */
export type Readiness = () => Promise<readonly string[]>;

export interface PlainAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const PATIENCE_MS = 3_000;

/** /healthz: the process answers. /readyz: it can do its work. /metrics: for Prometheus. */
export function healthPages(
  { registry }: Metrics,
  readiness: Readiness,
): Record<string, () => Promise<PlainAnswer>> {
  return {
    '/healthz': async () => ({ status: 200, type: 'text/plain', body: 'ok\n' }),
    '/readyz': () => readyPage(readiness),
    '/metrics': async () => ({ status: 200, type: registry.contentType, body: await registry.metrics() }),
  };
}

async function readyPage(readiness: Readiness): Promise<PlainAnswer> {
  const inTime = new Promise<readonly string[]>((resolve) => {
    setTimeout(resolve, PATIENCE_MS, ['the checks take too long']).unref();
  });
  const reasons = await Promise.race([readiness(), inTime]).catch(() => ['a check failed']);
  const body = `${JSON.stringify({ ready: reasons.length === 0, reasons })}\n`;
  return { status: reasons.length === 0 ? 200 : 503, type: 'application/json', body };
}
