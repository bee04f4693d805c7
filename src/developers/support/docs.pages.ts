import { readSession } from '../../accounts/sessions/session-cookie.ts';
import { Refusal } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { renderPage } from '../../platform/web/render.ts';
import { APP_TYPES, type AppType } from '../clients/app-types.ts';
import { type Doc, docHref, ERROR_CODES, findDoc, SHELVED } from './library.ts';
import { htmlOf, textOf } from './markdown.ts';
import { apisOfReader, appOfReader, appsOfReader } from './reader.ts';
import { valuesOfApi, valuesOfApp, valuesOfInstallation } from './values.ts';

/** GET /docs and everything below it; the same address with `.md` answers the text. */
export function showDoc(platform: Platform): Handler {
  return async (ctx) => {
    const asked = String(ctx.params.page ?? 'index');
    const asText = asked.endsWith('.md');
    const doc = findDoc(asText ? asked.slice(0, -'.md'.length) : asked);
    if (!doc) throw new Refusal('not-found', 'portal.nothing-here');
    const { values, own } = await exampleFor(platform, ctx, doc);
    if (asText) return answerText(ctx, textOf(doc.source, values));
    const [head = '', ...rest] = htmlOf(doc.source, values).split(/(?=<h2 )/);
    renderPage(ctx, 'developers/support/docs', {
      ...{ doc, own, head, rest: rest.join(''), shelf: SHELVED, docHref },
    });
  };
}

/** GET /docs/llms.txt: every page with its address, for programs that read. */
export function listDocs({ config }: Platform): Handler {
  return (ctx) => {
    const errors = ERROR_CODES.map((code) => findDoc(`errors/${code}`) as Doc);
    const lines = [...SHELVED, ...errors].map(
      (doc) => `- [${doc.title}](${config.issuer}/docs/${doc.path}.md): ${doc.lead}`,
    );
    answerText(ctx, `# Documentation for developers\n\n${lines.join('\n')}\n`);
  };
}

function answerText(ctx: Context, text: string): void {
  ctx.set('Cache-Control', 'no-store');
  ctx.type = 'text/plain; charset=utf-8';
  ctx.body = text;
}

/** Pages that name an API of the reader. */
const OF_APIS: ReadonlySet<string> = new Set(['protect-your-api', 'put-a-gateway-in-front']);

/** What of the reader's own can stand in the examples of this page. */
interface Own {
  readonly chosen: string | undefined;
  /** The name of the parameter that chooses one. */
  readonly by: 'app' | 'api';
  readonly choices: readonly { readonly id: string; readonly name: string }[];
}

interface Example {
  readonly values: Record<string, string>;
  /** undefined where the page has no examples of somebody's own, or nobody is signed in. */
  readonly own?: Own;
}

async function exampleFor(platform: Platform, ctx: Context, { path }: Doc): Promise<Example> {
  const values = valuesOfInstallation(platform);
  const type = APP_TYPES.find((one) => path === `quick-start/${one}`);
  if (!type && !OF_APIS.has(path)) return { values };
  const reader = (await readSession(platform, ctx))?.accountId;
  const example = type
    ? await exampleApp(platform, ctx, reader, type)
    : await exampleApi(platform, ctx, reader);
  return { ...example, values: { ...values, ...example.values } };
}

/** The app that `?app=` names, else the reader's newest of this type; the ids of others are like unknown ones. */
async function exampleApp(
  platform: Platform,
  ctx: Context,
  reader: string | undefined,
  type: AppType,
): Promise<Example> {
  if (reader === undefined) return { values: valuesOfApp(platform, type, undefined) };
  const choices = await appsOfReader(platform, reader, type);
  const asked = await appOfReader(platform, reader, String(ctx.query.app ?? ''));
  const app = asked?.type === type ? asked : choices[0];
  return { values: valuesOfApp(platform, type, app), own: { by: 'app', choices, chosen: app?.id } };
}

async function exampleApi(platform: Platform, ctx: Context, reader: string | undefined): Promise<Example> {
  if (reader === undefined) return { values: valuesOfApi(platform, undefined) };
  const choices = await apisOfReader(platform, reader);
  const api = choices.find(({ id }) => id === ctx.query.api) ?? choices[0];
  return { values: valuesOfApi(platform, api), own: { by: 'api', choices, chosen: api?.id } };
}
