import type { z } from 'zod';
import type { TextKey, Values, Words } from '../words/text-keys.ts';
import type { Context } from './context.ts';
import { checkFormToken, FORM_TOKEN_FIELD } from './csrf.ts';
import { readUrlencoded } from './urlencoded.ts';

/** One sentence per field that needs another look, by field name; `form` where it is about all of them. */
export type Problems = Readonly<Record<string, Words>>;

/** An issue for a zod check: `ctx.addIssue(asIssue(words))`. Its message is a key; the sentence is made on the page. */
export function asIssue(words: Words, path: readonly string[] = []) {
  const { key, values } = typeof words === 'string' ? { key: words, values: undefined } : words;
  return { code: 'custom' as const, path: [...path], message: key, params: { values } };
}

export type FormResult<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      readonly problems: Problems;
      /** What was typed, to fill the form again. Never a password, code or secret. */
      readonly entered: Readonly<Record<string, string>>;
    };

/**
 * Reads the one form of this request and judges it by `schema`. What a person can put right is returned; what no page
 * of ours sends is thrown as a Refusal (415, 413, 400; 403 for a missing or foreign form token).
 */
export async function readForm<S extends z.ZodType>(
  ctx: Context,
  schema: S,
  { formPurpose }: { readonly formPurpose?: string } = {},
): Promise<FormResult<z.output<S>>> {
  return judgeForm(ctx, new Map(await readUrlencoded(ctx)), schema, formPurpose);
}

/** Judges the fields of a form, however they came. */
export function judgeForm<S extends z.ZodType>(
  ctx: Context,
  fields: Map<string, string>,
  schema: S,
  formPurpose?: string,
): FormResult<z.output<S>> {
  checkFormToken(ctx, fields.get(FORM_TOKEN_FIELD), formPurpose);
  fields.delete(FORM_TOKEN_FIELD);
  const result = schema.safeParse(Object.fromEntries(fields), { error: plainWords });
  if (result.success) return { ok: true, value: result.data };
  return { ok: false, problems: problemsOf(result.error), entered: withoutSecrets(fields) };
}

/** The first problem of each field: several sentences about one field help nobody. */
function problemsOf({ issues }: z.ZodError): Problems {
  const problems = new Map<string, Words>();
  for (const issue of issues) {
    const field = String(issue.path[0] ?? 'form');
    if (!problems.has(field)) problems.set(field, wordsOf(issue));
  }
  return Object.fromEntries(problems);
}

/** Messages of schemas are keys; test/words.test.ts checks that they exist. */
function wordsOf(issue: z.core.$ZodIssue): Words {
  const values = issue.code === 'custom' ? (issue.params?.values as Values | undefined) : undefined;
  const key = issue.message as TextKey;
  return values ? { key, values } : key;
}

/** Where a schema brings no words of its own. */
function plainWords({ code, input }: { readonly code?: string; readonly input?: unknown }): TextKey {
  if (input === undefined || input === '') return 'forms.empty';
  if (code === 'too_big') return 'forms.too-long';
  if (code === 'too_small') return 'forms.too-short';
  return 'forms.wrong';
}

function withoutSecrets(fields: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries([...fields].filter(([name]) => !/password|code|secret/i.test(name)));
}
