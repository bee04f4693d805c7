import type { z } from 'zod';
import type { Context } from './context.ts';
import { checkFormToken, FORM_TOKEN_FIELD } from './csrf.ts';
import { readUrlencoded } from './urlencoded.ts';

/** One sentence per field that needs another look, by field name; `form` where it is about all of them. */
export type Problems = Readonly<Record<string, string>>;

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
  const fields = new Map(await readUrlencoded(ctx));
  checkFormToken(ctx, fields.get(FORM_TOKEN_FIELD), formPurpose);
  fields.delete(FORM_TOKEN_FIELD);
  const result = schema.safeParse(Object.fromEntries(fields), { error: plainSentence });
  if (result.success) return { ok: true, value: result.data };
  return { ok: false, problems: problemsOf(result.error), entered: withoutSecrets(fields) };
}

/** The first problem of each field: several sentences about one field help nobody. */
function problemsOf({ issues }: z.ZodError): Problems {
  const problems = new Map<string, string>();
  for (const { path, message } of issues) {
    const field = String(path[0] ?? 'form');
    if (!problems.has(field)) problems.set(field, message);
  }
  return Object.fromEntries(problems);
}

/** Where a schema brings no sentence of its own. */
function plainSentence({ code, input }: { readonly code?: string; readonly input?: unknown }): string {
  if (input === undefined || input === '') return 'Fill in this field.';
  if (code === 'too_big') return 'This is too long.';
  if (code === 'too_small') return 'This is too short.';
  return 'Check this field.';
}

function withoutSecrets(fields: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries([...fields].filter(([name]) => !/password|code|secret/i.test(name)));
}
