import { readdirSync, readFileSync } from 'node:fs';

const src = new URL('../../src/developers/', import.meta.url);

/** Every GET address of an organization in the portal, as its route line writes it. */
export const PORTAL_PAGES: readonly string[] = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('routes.ts'))
  .map((file) => readFileSync(new URL(file, src), 'utf8'))
  .flatMap((text) =>
    [...text.matchAll(/\b\w+\.get\(\s*[`'](\/[^`']*)[`']/g)].map(([, path]) => String(path)),
  );
