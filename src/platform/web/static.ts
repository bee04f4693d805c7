import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import type { Context } from './context.ts';

/** A file of public/, read once at start. `path` changes with the content, so it may be cached for ever. */
interface Asset {
  readonly path: string;
  readonly type: string;
  readonly body: Buffer;
}

const PUBLIC = new URL('../../../public/', import.meta.url);

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
};

const assets: ReadonlyMap<string, Asset> = new Map(
  readdirSync(PUBLIC).map((name) => [name, readAsset(name)]),
);
const byPath: ReadonlyMap<string, Asset> = new Map([...assets.values()].map((found) => [found.path, found]));

/** The address of `public/<name>` for views. An unknown name is a mistake in the view and throws. */
export function asset(name: string): string {
  return fileNamed(name).path;
}

/** Answers `/assets/…`; anything else there is not found. */
export function serveAsset(ctx: Context): void {
  const found = byPath.get(ctx.path);
  if (found) send(ctx, found, 'public, max-age=31536000, immutable');
}

/** Answers with `public/<name>` under an address that the web itself prescribes, such as /robots.txt. */
export function serveFile(name: string): (ctx: Context) => void {
  const found = fileNamed(name);
  return (ctx) => send(ctx, found, 'public, max-age=3600');
}

function send(ctx: Context, { type, body }: Asset, caching: string): void {
  ctx.set('Cache-Control', caching);
  ctx.set('Content-Type', type);
  ctx.body = body;
}

function fileNamed(name: string): Asset {
  const found = assets.get(name);
  if (!found) throw new TypeError(`public/ has no file named ${name}`);
  return found;
}

function readAsset(name: string): Asset {
  const body = readFileSync(new URL(name, PUBLIC));
  const type = TYPES[extname(name)];
  if (type === undefined) throw new TypeError(`public/${name} has no known media type`);
  const digest = createHash('sha256').update(body).digest('hex').slice(0, 12);
  return { path: `/assets/${name.replace(/(\.[^.]+)$/, `.${digest}$1`)}`, type, body };
}
