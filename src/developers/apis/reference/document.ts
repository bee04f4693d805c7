import { type Refused, refused } from '../../../platform/refused.ts';

/** An uploaded OpenAPI 3.1 document as parsed from JSON, judged to be harmless. Nothing in it is to be believed. */
export type ReferenceDocument = Readonly<Record<string, unknown>>;

export type JudgedDocument =
  | { readonly ok: true; readonly document: ReferenceDocument }
  | Refused<'document'>;

export const LARGEST_DOCUMENT = 1024 * 1024;
const DEEPEST = 64;
const MOST_VALUES = 200_000;
/** So that nothing is slow that looks at one object or list for each of many operations. */
const MOST_MEMBERS = 2000;
const LONGEST_REFERENCE = 300;
const MOST_OPERATIONS = 1000;
export const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

/** Reads an OpenAPI 3.1 document. JSON alone: YAML would need a parser of its own, with surprises of its own. */
export function judgeDocument(bytes: Buffer): JudgedDocument {
  if (bytes.length > LARGEST_DOCUMENT)
    return bad('is larger than 1 MB. Leave out examples, or split the API.');
  const parsed = parse(bytes);
  if (parsed === undefined)
    return bad('is not valid JSON in UTF-8. Convert YAML to JSON before you upload it.');
  if (!isObject(parsed)) return bad('must be one JSON object that begins with "openapi": "3.1.0".');
  const fault = faultWithin(parsed) ?? faultOfShape(parsed);
  return fault === undefined ? { ok: true, document: parsed } : bad(fault);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** Looks at every value without recursion: a document may be nested deeper than the stack. */
function faultWithin(document: Record<string, unknown>): string | undefined {
  const waiting: { value: object; depth: number }[] = [{ value: document, depth: 1 }];
  let seen = 0;
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (next.depth > DEEPEST) return `is nested deeper than ${DEEPEST} levels.`;
    const members = Object.entries(next.value);
    if (members.length > MOST_MEMBERS) return `has an object or list of more than ${MOST_MEMBERS} members.`;
    for (const [key, value] of members) {
      seen += 1;
      if (seen > MOST_VALUES) return `holds more than ${MOST_VALUES} values.`;
      const fault = faultOfKey(key) ?? faultOfText(value) ?? faultOfReference(key, value);
      if (fault !== undefined) return fault;
      if (typeof value === 'object' && value !== null) waiting.push({ value, depth: next.depth + 1 });
    }
  }
  return undefined;
}

function faultOfKey(key: string): string | undefined {
  return key === '__proto__' ? 'has a member named __proto__. Rename it.' : faultOfText(key);
}

/** What PostgreSQL cannot keep in a jsonb. */
function faultOfText(value: unknown): string | undefined {
  if (typeof value !== 'string' || (value.isWellFormed() && !value.includes('\0'))) return undefined;
  return 'has text with NUL or half characters. Remove them.';
}

const REFERENCES = new Set(['$ref', '$dynamicRef', '$recursiveRef', 'operationRef']);

/** We fetch nothing, so what lies elsewhere would be missing. A property may be called $ref: then it is no text. */
function faultOfReference(key: string, value: unknown): string | undefined {
  if (!REFERENCES.has(key) || typeof value !== 'string') return undefined;
  if (value.length > LONGEST_REFERENCE) return `has a $ref longer than ${LONGEST_REFERENCE} characters.`;
  if (value.startsWith('#')) return undefined;
  return 'refers to another document. Bundle it into one: every $ref must begin with #.';
}

function faultOfShape({ openapi, info, paths }: Record<string, unknown>): string | undefined {
  if (typeof openapi !== 'string' || !/^3\.1\.\d{1,3}$/.test(openapi)) {
    return 'is not OpenAPI 3.1. Its member "openapi" must be "3.1.0" or a later 3.1.';
  }
  if (!isObject(info) || typeof info.title !== 'string') return 'has no title. Add "info": { "title": "…" }.';
  if (paths !== undefined && !isObject(paths)) return 'has "paths" that are not an object.';
  const items = Object.values(paths ?? {}).filter(isObject);
  const operations = items.flatMap((item) => METHODS.filter((method) => Object.hasOwn(item, method)));
  if (operations.length <= MOST_OPERATIONS) return undefined;
  return `has ${operations.length} operations; at most ${MOST_OPERATIONS} are shown.`;
}

function bad(fault: string): JudgedDocument {
  return refused('document', `The document ${fault}`);
}
