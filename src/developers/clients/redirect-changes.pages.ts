import { z } from 'zod';
import { accountActor } from '../../accounts/actor.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { type Problems, readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { memberOf } from '../organizations/require-member.ts';
import { problemOf, renderPortalPage } from '../portal-page.ts';
import { runsOnDevice } from './app-types.ts';
import type { ClientView } from './client.ts';
import { changeRedirectUris, redirectRules, standingUris } from './redirect-changes.ts';
import { judgeRedirectUri, MOST_REDIRECT_URIS } from './redirect-uris.ts';
import { appOf, appPath } from './require-app.ts';
import { needsApproval } from './reviews.ts';

const Query = z.object({ done: z.enum(['changed', 'same', 'waits']).optional().catch(undefined) });

/** Rows left empty for more; whoever needs others saves first, or has a script that adds them. */
const SPARE = 2;

/** GET …/apps/:client/redirect-uris: one row for each, with what waits for approval where something does. */
export function showRedirectUris(platform: Platform): Handler {
  return async (ctx) => {
    const uris = await standingUris(platform, appOf(ctx));
    const { done } = Query.parse({ ...ctx.query });
    const entered = { ...rowsOf('uri', uris.redirectUris), ...rowsOf('out', uris.postLogoutRedirectUris) };
    await renderRows(ctx, platform, { entered, done });
  };
}

const Rows = z.record(z.string(), z.string().trim().max(3000));

/** POST …/apps/:client/redirect-uris: every row is judged and answers for itself; an empty one is left out. */
export function submitRedirectUris(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, Rows);
    const app = appOf(ctx);
    const entered = filledRows(form.ok ? form.value : form.entered);
    const problems = faultsIn(platform, app, entered);
    if (Object.keys(problems).length > 0) return renderRows(ctx, platform, { problems, entered }, 422);
    const { accountId, organization } = memberOf(ctx);
    const wishes = {
      ...{ organizationId: organization.id, clientId: app.id },
      redirectUris: urisIn(entered, 'uri'),
      postLogoutRedirectUris: urisIn(entered, 'out'),
    };
    const outcome = await changeRedirectUris(platform, accountActor(ctx, accountId), wishes);
    if (outcome.ok) return seeOther(ctx, `${appPath(app)}/redirect-uris?done=${outcome.outcome}`);
    const failed = problemOf(outcome, {
      client: 'form',
      sponsored: 'form',
      frozen: 'form',
      'redirect-uri': 'uri-1',
    });
    await renderRows(ctx, platform, { problems: failed, entered }, 422);
  };
}

const Asked = z.object({ uri: z.string().max(3000).catch('') });

/** GET …/apps/:client/redirect-uris/judgement?uri=…: what the form would say of it, as JSON, while it is typed. */
export function judgeWhileTyping(platform: Platform): Handler {
  return (ctx) => {
    const app = appOf(ctx);
    const { uri } = Asked.parse({ ...ctx.query });
    ctx.set('Cache-Control', 'no-store');
    ctx.type = 'application/json';
    ctx.body = JSON.stringify(judgeRedirectUri(uri.trim(), app.type, redirectRules(platform, app)));
  };
}

function rowsOf(sort: 'uri' | 'out', uris: readonly string[]): Record<string, string> {
  return Object.fromEntries(uris.map((uri, i) => [`${sort}-${i + 1}`, uri]));
}

/** Only rows that a form of ours has, numbered anew without the empty ones. */
function filledRows(fields: Readonly<Record<string, string>>): Record<string, string> {
  return { ...rowsOf('uri', urisIn(fields, 'uri')), ...rowsOf('out', urisIn(fields, 'out')) };
}

function urisIn(fields: Readonly<Record<string, string>>, sort: 'uri' | 'out'): string[] {
  return Object.entries(fields)
    .filter(([name, uri]) => new RegExp(`^${sort}-\\d{1,2}$`).test(name) && uri.trim() !== '')
    .map(([, uri]) => uri.trim());
}

function faultsIn(platform: Platform, app: ClientView, rows: Readonly<Record<string, string>>): Problems {
  const rules = redirectRules(platform, app);
  return Object.fromEntries(
    Object.entries(rows).flatMap(([name, uri]) => {
      const verdict = judgeRedirectUri(uri, app.type, rules);
      return verdict.ok ? [] : [[name, { key: 'portal.sentence', values: { sentence: verdict.sentence } }]];
    }),
  );
}

async function renderRows(
  ctx: Context,
  platform: Platform,
  data: {
    readonly entered: Readonly<Record<string, string>>;
    readonly problems?: Problems;
    readonly done?: unknown;
  },
  status = 200,
): Promise<void> {
  const app = appOf(ctx);
  const count = (sort: 'uri' | 'out') =>
    Math.min(urisIn(data.entered, sort).length + SPARE, MOST_REDIRECT_URIS);
  const facts = {
    app,
    rows: { uri: count('uri'), out: count('out') },
    anyPort: runsOnDevice(app.type),
    waits: app.stage === 'live' && needsApproval(platform),
    judgement: `${appPath(app)}/redirect-uris/judgement`,
  };
  renderPortalPage(ctx, 'developers/clients/redirect-changes', { ...facts, ...data }, { status });
}
