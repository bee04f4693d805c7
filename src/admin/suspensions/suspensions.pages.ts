import { z } from 'zod';
import { type SuspensionFilter, suspensionsOf } from '../../defense/suspensions/list.ts';
import { KINDS } from '../../defense/suspensions/suspension.ts';
import { UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Handler } from '../../platform/web/context.ts';
import { renderConsolePage } from '../console-page.ts';
import { shown } from './suspension-words.ts';

/** What is in force comes first. */
const VIEWS = ['live', 'human', 'dry-run', 'ended'] as const;

const Query = z.object({
  view: z.enum(VIEWS).catch('live'),
  kind: z.enum(KINDS).optional().catch(undefined),
  after: z.string().regex(UUID).optional().catch(undefined),
  done: z.enum(['started', 'ended']).optional().catch(undefined),
});

const FILTERS: Readonly<Record<(typeof VIEWS)[number], SuspensionFilter>> = {
  live: { live: true },
  human: { waiting: true },
  'dry-run': { onlyDryRuns: true },
  ended: { live: false },
};

/** GET /admin/suspensions: what is in force, the newest first, or what was. */
export function showSuspensions(platform: Platform): Handler {
  return async (ctx) => {
    const { view, kind, after, done } = Query.parse({ view: 'live', ...ctx.query });
    const page = await suspensionsOf(platform, { ...FILTERS[view], kind }, { after });
    const here = { view, ...(kind && { kind }) };
    const next = page.next && `/admin/suspensions?${new URLSearchParams({ ...here, after: page.next })}`;
    const rows = await shown(platform, page.suspensions);
    const data = { rows, next, view, views: VIEWS, kinds: KINDS, entered: here, done };
    renderConsolePage(ctx, 'admin/suspensions/suspensions', data);
  };
}
