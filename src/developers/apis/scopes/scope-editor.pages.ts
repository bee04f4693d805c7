import { z } from 'zod';
import { accountActor } from '../../../accounts/actor.ts';
import { DEFAULT_LANGUAGE } from '../../../platform/brand/brand.ts';
import { Refusal } from '../../../platform/errors.ts';
import type { Platform } from '../../../platform/platform.ts';
import type { Context, Handler } from '../../../platform/web/context.ts';
import { readForm } from '../../../platform/web/forms.ts';
import { seeOther } from '../../../platform/web/see-other.ts';
import { LANGUAGES, textFor } from '../../../platform/words/texts.ts';
import { memberOf } from '../../organizations/require-member.ts';
import { organizationPath, problemOf, renderPortalPage } from '../../portal-page.ts';
import { apiOf } from '../require-api.ts';
import { saveScope, scopesOf } from './scope-changes.ts';
import type { DefinedScope, ScopeWishes } from './scope-wishes.ts';
import { SCOPE_KINDS, SCOPE_SENSITIVITIES, sentenceOf } from './scopes.ts';

const scopesPath = (ctx: Context) =>
  `${organizationPath(memberOf(ctx).organization.id)}/apis/${apiOf(ctx).id}/scopes`;

/** GET …/apis/:api/scopes */
export function showScopes(platform: Platform): Handler {
  return async (ctx) => {
    const api = apiOf(ctx);
    const scopes = await scopesOf(platform, api.id);
    renderPortalPage(ctx, 'developers/apis/scopes/scope-editor', { api, scopes });
  };
}

/** GET …/apis/:api/scopes/new and …/scopes/by-name/:scope */
export function showScope(platform: Platform): Handler {
  return async (ctx) => renderScope(platform, ctx, {});
}

async function renderScope(platform: Platform, ctx: Context, data: object, status = 200): Promise<void> {
  const api = apiOf(ctx);
  const scopes = await scopesOf(platform, api.id);
  const { scope: name } = ctx.params;
  const scope = scopes.find((one) => one.name === name);
  if (name !== undefined && !scope) throw new Refusal('not-found', 'portal.nothing-here');
  const first = platform.settings.get(DEFAULT_LANGUAGE);
  const others = LANGUAGES.filter((code) => code !== first);
  const page = {
    ...{ api, scope, kinds: SCOPE_KINDS, sensitivities: SCOPE_SENSITIVITIES },
    languages: { first: named(first), others: others.map(named) },
    successors: scopes.filter((one) => one.name !== name && one.deprecatedAt === null),
    entered: scope && enteredOf(scope),
    preview: scope && [first, ...others].map((code) => previewIn(code, scope, first)),
  };
  renderPortalPage(ctx, 'developers/apis/scopes/scope-editor-scope', { ...page, ...data }, { status });
}

function named(code: string) {
  return { code, name: new Intl.DisplayNames(['en'], { type: 'language' }).of(code) ?? code };
}

/** The row of a consent page, as people who speak the language read it. */
function previewIn(code: string, scope: DefinedScope, first: string) {
  const { sentences, kind, optional } = scope;
  const marks = [
    ...(kind === 'read' ? [] : [textFor(code, 'consent.changes-data', undefined)]),
    ...(optional ? [textFor(code, 'consent.optional', undefined)] : []),
  ];
  const missing = code !== first && sentences[code] === undefined;
  return { ...named(code), sentence: sentenceOf(scope, code), missing, marks };
}

function enteredOf(scope: DefinedScope): Record<string, string> {
  const { description, details, kind, sensitivity, optional, deprecatedAt, successor, sentences } = scope;
  return {
    ...{ description, details, kind, sensitivity, successor: successor ?? '' },
    ...(optional && { optional: 'on' }),
    ...(deprecatedAt && { deprecated: 'on' }),
    ...Object.fromEntries(Object.entries(sentences).map(([code, text]) => [`sentence-${code}`, text])),
  };
}

const SENTENCE = 'sentence-';
const box = z.literal('on').optional();

const ScopeForm = z
  .object({
    name: z.string().trim().optional(),
    description: z.string().trim().min(1),
    details: z.string().default(''),
    kind: z.enum(SCOPE_KINDS),
    sensitivity: z.enum(SCOPE_SENSITIVITIES),
    successor: z.string().default(''),
    ...{ optional: box, deprecated: box, sure: box },
  })
  .catchall(z.string());

/** POST …/apis/:api/scopes/new and …/scopes/by-name/:scope. A name is given once and never changed. */
export function submitScope(platform: Platform): Handler {
  return async (ctx) => {
    const { accountId, organization } = memberOf(ctx);
    const form = await readForm(ctx, ScopeForm);
    if (!form.ok) return renderScope(platform, ctx, form, 422);
    const name = ctx.params.scope ?? form.value.name ?? '';
    const of = { apiId: apiOf(ctx).id, organizationId: organization.id };
    if (
      ctx.params.scope === undefined &&
      (await scopesOf(platform, of.apiId)).some((one) => one.name === name)
    ) {
      const problems = { name: 'scope-editor.name-taken' };
      return renderScope(platform, ctx, { problems, entered: enteredIn(form.value) }, 422);
    }
    const wishes = { ...of, ...wishesOf(form.value), name };
    const saved = await saveScope(platform, accountActor(ctx, accountId), wishes);
    if (saved.ok) return seeOther(ctx, `${scopesPath(ctx)}/by-name/${encodeURIComponent(name)}`);
    const problems = problemOf(saved, {
      scope: ctx.params.scope === undefined ? 'name' : 'form',
      api: 'form',
      sensitivity: 'form',
    });
    return renderScope(platform, ctx, { problems, entered: enteredIn(form.value) }, 422);
  };
}

function enteredIn(form: z.infer<typeof ScopeForm>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(form).flatMap(([field, text]) => (typeof text === 'string' ? [[field, text]] : [])),
  );
}

function wishesOf(form: z.infer<typeof ScopeForm>): Omit<ScopeWishes, 'name'> {
  const { description, details, kind, sensitivity, successor } = form;
  const sentences = Object.entries(form)
    .filter(([field]) => field.startsWith(SENTENCE))
    .map(([field, text]) => [field.slice(SENTENCE.length), String(text)]);
  return {
    ...{ description, details, kind, sensitivity, successor },
    optional: form.optional === 'on',
    deprecated: form.deprecated === 'on',
    sure: form.sure === 'on',
    sentences: Object.fromEntries(sentences),
  };
}
