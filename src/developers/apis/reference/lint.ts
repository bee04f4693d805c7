import { isObject, type ReferenceDocument } from './document.ts';
import { listOf, type Operation, operationsOf, resolved } from './operations.ts';

/** Something in an API's reference that makes it easier to misuse. */
export interface Finding {
  readonly rule:
    | 'operation-without-scope'
    | 'unknown-scope'
    | 'input-without-bounds'
    | 'list-without-page-size';
  /** Such as `GET /notes` or `POST /notes: body.title`. Text of the document, cut short. */
  readonly where: string;
}

const MOST_FINDINGS = 200;
const DEEPEST = 12;
const MOST_SCHEMAS = 100_000;
/** Of one body or answer. */
const MOST_MEDIA = 10;

/**
 * What a document lacks: operations that any token may call, or that name a scope which the API does not have; inputs
 * without bounds; lists that answer as much as there is. At most 200 findings.
 */
export function lintReference(document: ReferenceDocument, scopes?: readonly string[]): Finding[] {
  const findings: Finding[] = [];
  const sight: Sight = { document, scopes, left: MOST_SCHEMAS };
  for (const operation of operationsOf(document)) {
    findings.push(...findingsAt(sight, operation));
    if (findings.length >= MOST_FINDINGS || sight.left <= 0) break;
  }
  return findings.slice(0, MOST_FINDINGS).map(({ rule, where }) => ({ rule, where: where.slice(0, 200) }));
}

interface Sight {
  readonly document: ReferenceDocument;
  readonly scopes: readonly string[] | undefined;
  /** How many schemas are still looked at: many operations may use one that is large. */
  left: number;
}

function findingsAt(sight: Sight, operation: Operation): Finding[] {
  const { document, scopes } = sight;
  const name = `${operation.method.toUpperCase()} ${operation.path}`;
  const unknown = (operation.scopes ?? []).filter((scope) => scopes && !scopes.includes(scope));
  const inputs = inputsOf(document, operation);
  sight.left -= inputs.length;
  const places = inputs.flatMap(({ place, schema }) => boundless(sight, schema, place));
  return [
    ...(operation.scopes ? [] : [finding('operation-without-scope', name)]),
    ...unknown.map((scope) => finding('unknown-scope', `${name}: ${scope}`)),
    ...places.map((place) => finding('input-without-bounds', `${name}: ${place}`)),
    ...(listsWithoutPages(sight, operation) ? [finding('list-without-page-size', name)] : []),
  ];
}

function finding(rule: Finding['rule'], where: string): Finding {
  return { rule, where };
}

/** Parameters and every kind of body. */
function inputsOf(document: ReferenceDocument, { operation, parameters }: Operation) {
  const named = parameters.flatMap((parameter) => [
    { place: String(parameter.name), schema: parameter.schema },
    ...schemasIn(parameter.content).map((schema) => ({ place: String(parameter.name), schema })),
  ]);
  const body = resolved(document, operation.requestBody);
  return [...named, ...schemasIn(body?.content).map((schema) => ({ place: 'body', schema }))];
}

function schemasIn(content: unknown): unknown[] {
  if (!isObject(content)) return [];
  return Object.values(content)
    .slice(0, MOST_MEDIA)
    .flatMap((media) => (isObject(media) ? [media.schema] : []));
}

interface Place {
  readonly schema: unknown;
  readonly place: string;
  readonly depth: number;
}

/** The places in a schema that take as much as anybody sends. Each schema is looked at once, however often it is used. */
function boundless(sight: Sight, root: unknown, from: string): string[] {
  const found: string[] = [];
  const seen = new Set<object>();
  const waiting: Place[] = [{ schema: root, place: from, depth: 0 }];
  for (let next = waiting.pop(); next && sight.left > 0; next = waiting.pop()) {
    sight.left -= 1;
    const schema = resolved(sight.document, next.schema);
    if (!schema || seen.has(schema) || next.depth > DEEPEST) continue;
    seen.add(schema);
    if (lacksBounds(schema)) found.push(next.place);
    // The last comes off first, so that findings keep the order of the document.
    for (const [name, part] of partsOf(schema).reverse())
      waiting.push({ schema: part, place: next.place + name, depth: next.depth + 1 });
    if (found.length >= MOST_FINDINGS) break;
  }
  return found;
}

function partsOf(schema: Record<string, unknown>): [string, unknown][] {
  const properties = isObject(schema.properties) ? Object.entries(schema.properties) : [];
  const variants = ['allOf', 'anyOf', 'oneOf'].flatMap((name) => listOf(schema[name]));
  return [
    ...properties.map(([name, part]): [string, unknown] => [`.${name}`, part]),
    ...variants.map((part): [string, unknown] => ['', part]),
    ...listOf(schema.prefixItems).map((part): [string, unknown] => ['[]', part]),
    ['[]', schema.items],
  ];
}

/** Formats whose values have a length of their own. */
const BOUNDED_FORMATS = new Set(['date', 'date-time', 'time', 'duration', 'uuid', 'ipv4', 'ipv6', 'int32']);

function lacksBounds(schema: Record<string, unknown>): boolean {
  const types = typeof schema.type === 'string' ? [schema.type] : listOf(schema.type);
  const has = (...names: string[]) => names.some((name) => schema[name] !== undefined);
  if (has('enum', 'const') || BOUNDED_FORMATS.has(String(schema.format))) return false;
  if (types.includes('string') && !has('maxLength')) return true;
  if (types.includes('array') && !has('maxItems')) return true;
  const isNumber = types.includes('number') || types.includes('integer');
  return isNumber && !(has('minimum', 'exclusiveMinimum') && has('maximum', 'exclusiveMaximum'));
}

const PAGE_SIZES = /^(?:limit|page[_-]?size|per[_-]?page|size|count|first|max[_-]?results|top|take|\$top)$/i;

/** A GET whose answer is a list, or an object around one, and that has no parameter for how long it may be. */
function listsWithoutPages(sight: Sight, { method, operation, parameters }: Operation): boolean {
  if (method !== 'get') return false;
  const sized = parameters.some(({ in: where, name }) => where === 'query' && PAGE_SIZES.test(String(name)));
  return !sized && answersOf(sight.document, operation).some((schema) => isList(sight, schema));
}

function answersOf(document: ReferenceDocument, operation: Readonly<Record<string, unknown>>): unknown[] {
  const responses = isObject(operation.responses) ? operation.responses : {};
  return ['200', '2XX', 'default'].flatMap((status) => {
    const response = Object.hasOwn(responses, status) ? resolved(document, responses[status]) : undefined;
    return schemasIn(response?.content);
  });
}

function isList(sight: Sight, raw: unknown): boolean {
  const { document } = sight;
  const schema = sight.left > 0 ? resolved(document, raw) : undefined;
  if (!schema) return false;
  if (isUnboundedArray(schema)) return true;
  const properties = isObject(schema.properties) ? Object.values(schema.properties) : [];
  sight.left -= properties.length;
  return properties.some((one) => {
    const property = resolved(document, one);
    return property !== undefined && isUnboundedArray(property);
  });
}

function isUnboundedArray({ type, maxItems }: Record<string, unknown>): boolean {
  return (type === 'array' || listOf(type).includes('array')) && maxItems === undefined;
}
