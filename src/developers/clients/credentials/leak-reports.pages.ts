import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { browserActor } from '../../../accounts/actor.ts';
import { Refusal } from '../../../platform/errors.ts';
import type { Platform } from '../../../platform/platform.ts';
import type { Context, Handler } from '../../../platform/web/context.ts';
import { readSmallBody } from '../../../platform/web/small-body.ts';
import { reportLeak } from './leak-reports.ts';

/** An answer takes at least this long, several times what ending something costs. */
const ANSWER_MILLISECONDS = 200;

/** Longest value that is looked at; a handle has 70 characters, a JWT a thousand. */
const LARGEST_BODY = 8 * 1024;

const Report = z.object({ token: z.string().trim().min(1) });

/**
 * POST /leak-reports: somebody found a secret or token. The answer is always the same, whether we know the value or not:
 * nobody learns here whether a guess is right. The value stands in the body alone, because addresses are written down.
 */
export function submitLeakReport(platform: Platform): Handler {
  return async (ctx) => {
    const token = await reportedIn(ctx);
    await Promise.all([reportLeak(platform, browserActor(ctx), token), setTimeout(ANSWER_MILLISECONDS)]);
    ctx.status = 202;
    ctx.body = { status: 'received' };
  };
}

async function reportedIn(ctx: Context): Promise<string> {
  if (ctx.querystring !== '') throw new Refusal('bad-request', 'credentials.report-body-only');
  const report = Report.safeParse(await readSmallBody(ctx, LARGEST_BODY));
  if (report.success) return report.data.token;
  throw new Refusal('bad-request', 'credentials.report-needs-token');
}
