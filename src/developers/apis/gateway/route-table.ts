import { folded } from './request-path.ts';

/** In place of scopes: any scope of the API that reads at safe methods, one that writes at others. */
export const BY_METHOD = '*';

/** A method and path of an API with the scopes that it needs: all of them; none where a live token is enough. */
export interface ApiRoute {
  /** Upper case, or * for every method. */
  readonly method: string;
  /** Such as /invoices/{id} or /files/{rest*}. */
  readonly path: string;
  readonly scopes: readonly string[];
}

export type FoundRoute =
  | { readonly found: 'route'; readonly route: ApiRoute }
  | { readonly found: 'nothing' }
  /** Something is listed that only a server which is not strict would take it for. */
  | { readonly found: 'nearly'; readonly route: ApiRoute };

/** The routes of an API, made ready to be searched. */
export type RouteTable = Node;

interface Node {
  /** By folded spelling. */
  readonly literals: Map<string, Node>;
  parameter?: Node;
  /** Routes that end here, by method; and those that take whatever follows. */
  readonly ends: Map<string, Listed>;
  readonly rests: Map<string, Listed>;
}

interface Listed {
  readonly route: ApiRoute;
  readonly parts: readonly Part[];
}

export type Part =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'parameter' }
  | { readonly kind: 'rest' };

/** What is the same in two paths that no request could tell apart. */
export function shapeOf(path: string): string {
  const shape = partsOf(path).map((part) => (part.kind === 'literal' ? folded(part.text) : `{${part.kind}}`));
  // A slash at the end is the same place to many servers.
  return (shape.at(-1) === '' ? shape.slice(0, -1) : shape).join('/');
}

/** The segments of a path as it is listed; what stands in braces is one segment, with a star any number at the end. */
export function partsOf(path: string): Part[] {
  return path
    .slice(1)
    .split('/')
    .map((segment): Part => {
      if (/^\{[^{}*]+\}$/.test(segment)) return { kind: 'parameter' };
      if (/^\{[^{}*]+\*\}$/.test(segment)) return { kind: 'rest' };
      return { kind: 'literal', text: decodeURIComponent(segment) };
    });
}

export function routeTable(routes: readonly ApiRoute[]): RouteTable {
  const root = newNode();
  for (const route of routes) {
    const listed = { route, parts: partsOf(route.path) };
    let node = root;
    for (const part of listed.parts) {
      if (part.kind === 'rest') break;
      if (part.kind === 'literal' && part.text === '') break;
      node = part.kind === 'literal' ? literalOf(node, folded(part.text)) : parameterOf(node);
    }
    const isRest = listed.parts.at(-1)?.kind === 'rest';
    (isRest ? node.rests : node.ends).set(route.method, listed);
  }
  return root;
}

function newNode(): Node {
  return { literals: new Map(), ends: new Map(), rests: new Map() };
}

function literalOf(node: Node, text: string): Node {
  const known = node.literals.get(text) ?? newNode();
  node.literals.set(text, known);
  return known;
}

function parameterOf(node: Node): Node {
  node.parameter ??= newNode();
  return node.parameter;
}

/**
 * The most specific route for a request, decided from the left: a spelled segment before a parameter before the rest;
 * at one path the method itself before *. HEAD is asked for like GET unless it is listed. Spelling is compared as a lenient
 * server would, and where that makes a difference the route is only nearly found.
 */
export function findRoute(table: RouteTable, method: string, segments: readonly string[]): FoundRoute {
  const slashed = segments.at(-1) === '';
  const places = slashed ? segments.slice(0, -1) : segments;
  const found = search(table, places, 0, methodsFor(method));
  if (!found) return { found: 'nothing' };
  const { route, parts } = found;
  return { found: isSpelled(parts, places, slashed) ? 'route' : 'nearly', route };
}

function methodsFor(method: string): string[] {
  return method === 'HEAD' ? ['HEAD', 'GET', '*'] : [method, '*'];
}

function search(
  node: Node,
  places: readonly string[],
  at: number,
  methods: readonly string[],
): Listed | undefined {
  const segment = places[at];
  const deeper = (next: Node | undefined) => next && search(next, places, at + 1, methods);
  if (segment === undefined) return firstOf(node.ends, methods) ?? firstOf(node.rests, methods);
  // Each branch once: looking twice into the same one doubles the work with every segment, for a path that a stranger chose.
  for (const text of spellingsOf(segment)) {
    const spelled = deeper(node.literals.get(text));
    if (spelled) return spelled;
  }
  return deeper(node.parameter) ?? firstOf(node.rests, methods);
}

/**
 * The place at which a path that no route covers leaves what is listed. Where nothing is listed below a place, all that
 * is below it is one: an app that asks for many things at one wrong address is at fault once, and who tries addresses
 * is seen to try many.
 */
export function strayedAt(table: RouteTable, method: string, segments: readonly string[]): string {
  let node = table;
  const way: string[] = [];
  for (const segment of segments.at(-1) === '' ? segments.slice(0, -1) : segments) {
    const text = folded(segment);
    const literal = node.literals.get(text);
    const next = literal ?? node.parameter;
    // What takes whatever follows does so, by another method.
    if (!next && node.rests.size > 0) break;
    if (!next) return `/${[...way, node.literals.size > 0 ? wordOf(text) : '…'].join('/')}`;
    way.push(literal ? text : '{}');
    node = next;
  }
  return `${method} /${way.join('/')}`;
}

/** A number or another id is one of many of its kind. */
function wordOf(text: string): string {
  return /\d/.test(text) || text.length > LONGEST_WORD ? '…' : text;
}

const LONGEST_WORD = 24;

/** As it is spelled, and without what some frameworks take for a format: /invoices.json and /invoices.tar.gz for /invoices. */
function spellingsOf(segment: string): Set<string> {
  const text = folded(segment);
  const ends = [text.lastIndexOf('.'), text.indexOf('.', 1)].filter((dot) => dot > 0);
  return new Set([text, ...ends.map((dot) => text.slice(0, dot))]);
}

function firstOf(listed: ReadonlyMap<string, Listed>, methods: readonly string[]): Listed | undefined {
  for (const method of methods) {
    const found = listed.get(method);
    if (found) return found;
  }
  return undefined;
}

function isSpelled(parts: readonly Part[], places: readonly string[], slashed: boolean): boolean {
  const literal = parts.every((part, at) => {
    return part.kind !== 'literal' || part.text === '' || part.text === places[at];
  });
  const last = parts.at(-1);
  if (last?.kind === 'rest') return literal;
  return literal && slashed === (last?.kind === 'literal' && last.text === '');
}
