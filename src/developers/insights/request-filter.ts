import { z } from 'zod';
import type { Problems } from '../../platform/web/forms.ts';
import { CALL_ENDPOINTS } from './protocol-call.ts';
import type { RequestFilter } from './request-search.ts';

/** The filters as they stand in the address, each with what is wrong about it. */
export interface FilterQuery {
  readonly filter: RequestFilter;
  readonly before: string | undefined;
  readonly entered: Readonly<Record<string, string>>;
  readonly problems: Problems;
}

/** A date and time as browsers send it from a field for one: UTC, minutes or seconds. */
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?$/;

const time = z
  .string()
  .regex(TIME)
  .transform((text) => new Date(`${text}Z`))
  .refine((date) => !Number.isNaN(date.getTime()));

const FIELDS = {
  result: { schema: z.enum(['ok', 'failed']), problem: 'request-log.wrong-result' },
  endpoint: { schema: z.enum(CALL_ENDPOINTS), problem: 'request-log.wrong-endpoint' },
  error: { schema: z.string().regex(/^[a-z][a-z_]{0,60}$/), problem: 'request-log.wrong-error' },
  since: { schema: time, problem: 'request-log.wrong-time' },
  until: { schema: time, problem: 'request-log.wrong-time' },
  request: { schema: z.string().regex(/^[A-Za-z0-9._-]{8,64}$/), problem: 'request-log.wrong-request' },
} as const;

const LONGEST_SHOWN = 100;

/** What cannot be understood is said beside its field and not looked for. */
export function readFilter(query: Readonly<Record<string, string | string[] | undefined>>): FilterQuery {
  const values: Record<string, unknown> = {};
  const problems: Record<string, (typeof FIELDS)[keyof typeof FIELDS]['problem']> = {};
  const entered: Record<string, string> = {};
  for (const [name, { schema, problem }] of Object.entries(FIELDS)) {
    const given = query[name];
    const text = (typeof given === 'string' ? given : (given?.[0] ?? '')).trim();
    if (text === '') continue;
    const judged = schema.safeParse(text);
    if (judged.success) values[name] = judged.data;
    else problems[name] = problem;
    // A field for a time shows no other text.
    if (judged.success || schema !== time) entered[name] = text.slice(0, LONGEST_SHOWN);
  }
  const { request: requestId, ...filter } = values;
  const before = typeof query.before === 'string' ? query.before : undefined;
  return { filter: { ...filter, requestId } as RequestFilter, before, entered, problems };
}
