import { isObject, type ReferenceDocument } from './document.ts';
import { listOf, type Operation, operationsOf, resolved } from './operations.ts';

/** A page of an API's reference, as plain text to be escaped. */
export interface DescribedReference {
  readonly title: string;
  readonly version: string;
  readonly description: string;
  readonly operations: readonly DescribedOperation[];
  readonly total: number;
  /** Numbers of the operations that the pages before and after begin with. */
  readonly previous: number | undefined;
  readonly next: number | undefined;
}

export interface DescribedOperation {
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly description: string;
  readonly deprecated: boolean;
  /** Undefined where the document asks for none. */
  readonly scopes: readonly string[] | undefined;
  readonly inputs: readonly Row[];
  readonly responses: readonly { readonly status: string; readonly description: string }[];
}

export interface Row {
  /** Such as `query limit` or `body.title`. */
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  /** Such as `1–100`, `≤ 120 characters`. */
  readonly bounds: string;
  readonly description: string;
}

const PAGE = 15;
const MOST_ROWS = 30;
const DEEPEST = 3;

export function describeReference(document: ReferenceDocument, from = 0): DescribedReference {
  const operations = operationsOf(document);
  const start = from < operations.length ? from : 0;
  const info = isObject(document.info) ? document.info : {};
  return {
    title: textOf(info.title, 120),
    version: textOf(info.version, 40),
    description: textOf(info.description, 2000),
    operations: operations.slice(start, start + PAGE).map((one) => describeOperation(document, one)),
    total: operations.length,
    previous: start > 0 ? Math.max(0, start - PAGE) : undefined,
    next: start + PAGE < operations.length ? start + PAGE : undefined,
  };
}

/** Characters that leave no trace or turn the text around are left out; the page escapes the rest. */
function textOf(value: unknown, longest: number): string {
  if (typeof value !== 'string') return '';
  const visible = value.slice(0, longest * 2).replace(/[^\P{C}\n]|\p{Default_Ignorable_Code_Point}/gu, '');
  return visible.length > longest ? `${visible.slice(0, longest).toWellFormed()}…` : visible.toWellFormed();
}

function describeOperation(document: ReferenceDocument, found: Operation): DescribedOperation {
  const { method, path, operation, scopes } = found;
  const responses = isObject(operation.responses) ? Object.entries(operation.responses).slice(0, 20) : [];
  return {
    method: method.toUpperCase(),
    path: textOf(path, 200),
    summary: textOf(operation.summary, 200),
    description: textOf(operation.description, 1000),
    deprecated: operation.deprecated === true,
    scopes: scopes?.slice(0, 10).map((name) => textOf(name, 100)),
    inputs: inputRows(document, found),
    responses: responses.map(([status, response]) => ({
      status: textOf(status, 10),
      description: textOf(resolved(document, response)?.description, 200),
    })),
  };
}

function inputRows(document: ReferenceDocument, { operation, parameters }: Operation): Row[] {
  const named = parameters.slice(0, MOST_ROWS).map((parameter) => {
    const name = `${textOf(parameter.in, 10)} ${textOf(parameter.name, 60)}`;
    const required = parameter.required === true;
    return { ...rowOf(document, parameter.schema, name, required), ...saidOf(parameter) };
  });
  const body = resolved(document, operation.requestBody);
  const [media] = Object.values(isObject(body?.content) ? body.content : {}).filter(isObject);
  const rows: Row[] = [...named];
  const required = body?.required === true;
  addRows(document, rows, { raw: media?.schema, name: 'body', required, depth: 0 });
  return rows;
}

function saidOf({ description }: Record<string, unknown>): { description?: string } {
  return typeof description === 'string' ? { description: textOf(description, 200) } : {};
}

/** A schema and what it is made of, level by level, until the rows are full: a schema may hold itself many times over. */
function addRows(
  document: ReferenceDocument,
  rows: Row[],
  { raw, name, required, depth }: { raw: unknown; name: string; required: boolean; depth: number },
): void {
  const schema = rows.length < MOST_ROWS ? resolved(document, raw) : undefined;
  if (!schema) return;
  rows.push(rowOf(document, schema, name, required));
  if (depth >= DEEPEST) return;
  const properties = isObject(schema.properties) ? Object.entries(schema.properties) : [];
  const needed = listOf(schema.required);
  for (const [property, part] of properties.slice(0, MOST_ROWS)) {
    const place = { name: `${name}.${textOf(property, 60)}`, required: needed.includes(property) };
    addRows(document, rows, { ...place, raw: part, depth: depth + 1 });
  }
  addRows(document, rows, { raw: schema.items, name: `${name}[]`, required: false, depth: depth + 1 });
}

function rowOf(document: ReferenceDocument, raw: unknown, name: string, required: boolean): Row {
  const schema = resolved(document, raw) ?? {};
  return {
    name,
    required,
    type: typeOf(schema),
    bounds: boundsOf(schema),
    description: textOf(schema.description, 200),
  };
}

function typeOf({ type, format }: Record<string, unknown>): string {
  const types = (typeof type === 'string' ? [type] : listOf(type)).slice(0, 5);
  const names = types.map((one) => textOf(one, 20)).join(' | ') || 'any';
  return typeof format === 'string' ? `${names} (${textOf(format, 30)})` : names;
}

function boundsOf(schema: Record<string, unknown>): string {
  const number = (name: string) => (typeof schema[name] === 'number' ? String(schema[name]) : '');
  const range = (least: string, most: string, what: string) =>
    least || most ? `${least || '0'}–${most || '∞'}${what}` : '';
  const choices = listOf(schema.enum).slice(0, 12);
  const parts = [
    range(number('minLength'), number('maxLength'), ' chars'),
    range(number('minItems'), number('maxItems'), ' items'),
    range(
      number('minimum') || number('exclusiveMinimum'),
      number('maximum') || number('exclusiveMaximum'),
      '',
    ),
    choices.map((one) => textOf(String(one), 40)).join(', '),
  ];
  return parts.filter((part) => part !== '').join('; ');
}
