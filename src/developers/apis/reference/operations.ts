import { isObject, METHODS, type ReferenceDocument } from './document.ts';

type Json = Record<string, unknown>;

/** One operation of a document, with what stands beside it. */
export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly operation: Readonly<Json>;
  /** Its own, and those of its path. */
  readonly parameters: readonly Readonly<Json>[];
  /** Names that its security requirements ask for; undefined where it may be called without any. */
  readonly scopes: readonly string[] | undefined;
}

/** One after the other; documents that people write have two or three. */
const MOST_REFERENCES = 8;
const MOST_PARAMETERS = 100;
/** Alternatives of an operation, schemes of an alternative, scopes of a scheme. */
const MOST_REQUIRED = { alternatives: 20, schemes: 5, scopes: 50 } as const;

/** Every operation in the order of the document. A path that is itself a $ref is passed over. */
export function operationsOf(document: ReferenceDocument): Operation[] {
  const paths = isObject(document.paths) ? document.paths : {};
  return Object.entries(paths).flatMap(([path, raw]) => {
    if (!isObject(raw)) return [];
    return METHODS.flatMap((method) => {
      const operation = Object.hasOwn(raw, method) ? raw[method] : undefined;
      if (!isObject(operation)) return [];
      const parameters = [...listOf(raw.parameters), ...listOf(operation.parameters)]
        .slice(0, MOST_PARAMETERS)
        .map((one) => resolved(document, one))
        .filter((one) => one !== undefined);
      return [{ method, path, operation, parameters, scopes: scopesOf(document, operation) }];
    });
  });
}

/** The object itself, or what its local $ref leads to; undefined where that leads nowhere or around in a circle. */
export function resolved(document: ReferenceDocument, value: unknown): Json | undefined {
  let found = value;
  for (let hops = 0; hops < MOST_REFERENCES; hops += 1) {
    if (!isObject(found)) return undefined;
    if (typeof found.$ref !== 'string') return found;
    found = targetOf(document, found.$ref);
  }
  return undefined;
}

const targets = new WeakMap<ReferenceDocument, Map<string, unknown>>();

/** A thousand operations may share a hundred references: each is followed once. */
function targetOf(document: ReferenceDocument, reference: string): unknown {
  const known = targets.get(document) ?? new Map<string, unknown>();
  targets.set(document, known);
  if (!known.has(reference)) known.set(reference, pointedTo(document, reference));
  return known.get(reference);
}

/** A JSON pointer (RFC 6901) in a fragment, over own members only. */
function pointedTo(document: ReferenceDocument, reference: string): unknown {
  let found: unknown = document;
  for (const part of reference.split('/').slice(1)) {
    const name = decoded(part).replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as Json)[name];
  }
  return found;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Requirements are alternatives (OpenAPI §4.8.30): one that asks for nothing lets everybody in. */
function scopesOf(document: ReferenceDocument, operation: Json): string[] | undefined {
  const { alternatives, schemes, scopes } = MOST_REQUIRED;
  const requirements = listOf(operation.security ?? document.security).slice(0, alternatives);
  const asked = requirements.filter(isObject).map((one) =>
    Object.values(one)
      .slice(0, schemes)
      .flatMap((names) => listOf(names).slice(0, scopes))
      .filter((name) => typeof name === 'string'),
  );
  if (asked.length === 0 || asked.some((names) => names.length === 0)) return undefined;
  return [...new Set(asked.flat())];
}
