import { z } from 'zod';
import { dateOf } from '../../platform/clock.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { renderPortalPage } from '../portal-page.ts';
import { errorDocHref } from '../support/library.ts';
import { lines, stackedBars } from './chart.ts';
import { csvOf } from './csv.ts';
import { findLimitsLeft } from './limits-left.ts';
import type { Holder } from './request-holder.ts';
import { loadUsage, percentilesOf, SPANS, type Span } from './usage-report.ts';

const spanIn = z.enum(Object.keys(SPANS) as [Span, ...Span[]]).catch('48h');

/** GET …/usage: how much an app or API is used, by whom, and how it goes. */
export function showUsage(platform: Platform, holderOf: Holder): Handler {
  return async (ctx) => {
    const holder = holderOf(ctx);
    const report = await loadUsage(platform, holder.clientId, spanIn.parse(ctx.query.span));
    const { steps, people } = report;
    const charts = {
      requests: stackedBars([
        steps.map(({ requests, failures }) => requests - failures),
        steps.map(({ failures }) => failures),
      ]),
      people: stackedBars([people.map((row) => row.people)]),
      tokens: stackedBars([steps.map(({ tokens }) => tokens)]),
      latency: lines([steps.map(({ p50 }) => p50), steps.map(({ p95 }) => p95)]),
    };
    renderPortalPage(ctx, 'developers/insights/usage', {
      ...{ ...holder, report, charts, errorDocHref, spans: Object.keys(SPANS) },
      limits: holder.app ? await findLimitsLeft(platform, holder.clientId) : [],
      byHour: SPANS[report.span].unit === 'hour',
    });
  };
}

/** GET …/usage/calls.csv: the calls of a span by time, endpoint and outcome. */
export function downloadCalls(platform: Platform, holderOf: Holder): Handler {
  return async (ctx) => {
    const { clientId } = holderOf(ctx);
    const { rows, span } = await loadUsage(platform, clientId, spanIn.parse(ctx.query.span));
    const head = ['from_utc', 'endpoint', 'error', 'requests', 'tokens', 'p50_ms', 'p95_ms', 'p99_ms'];
    const cells = rows.map(({ at, endpoint, error, requests, tokens, buckets }) => {
      const { p50, p95, p99 } = percentilesOf(buckets);
      return [at, endpoint, error, requests, tokens, p50, p95, p99];
    });
    download(ctx, `${clientId}-calls-${span}.csv`, csvOf(head, cells));
  };
}

/** GET …/usage/people.csv: how many people by day. */
export function downloadPeople(platform: Platform, holderOf: Holder): Handler {
  return async (ctx) => {
    const { clientId } = holderOf(ctx);
    const { people, span } = await loadUsage(platform, clientId, spanIn.parse(ctx.query.span));
    const cells = people.map((row) => [dateOf(row.day), row.people]);
    download(ctx, `${clientId}-people-${span}.csv`, csvOf(['day_utc', 'people'], cells));
  };
}

function download(ctx: Context, name: string, csv: string): void {
  ctx.set({ 'Cache-Control': 'no-store', 'Content-Disposition': `attachment; filename="${name}"` });
  ctx.type = 'text/csv; charset=utf-8';
  ctx.body = csv;
}
