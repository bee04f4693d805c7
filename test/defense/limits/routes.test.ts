import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROUTE_LINES } from '../../support/route-lines.ts';

const src = join(import.meta.dirname, '../../../src');
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, text: readFileSync(join(src, file), 'utf8') }));

const posts = ROUTE_LINES.filter(({ method }) => method === 'post');

/** Limited as a whole, by the line `router.use('/…', …limitPages(…))` of every router that has such routes. */
const AS_A_WHOLE = /^\/(account|developers|admin)(\/|$)/;

describe('limits of routes', () => {
  it('each form outside of an area that is limited as a whole names its limit', () => {
    const open = posts
      .filter(({ path }) => !AS_A_WHOLE.test(path))
      .filter(({ handlers }) => !/limit(By|Person)\(/.test(handlers))
      .map(({ path }) => path);
    // Ending a session is never refused.
    expect(open.sort()).toEqual(['/session/end/confirm', '/sign-out']);
  });

  it('each area that is limited as a whole says so where its routes begin', () => {
    const lines = files.flatMap(({ file, text }) =>
      [...text.matchAll(/\.use\(\s*'(\/\w+)',[^;]*limitPages\(/g)].map(([, area]) => `${file} ${area}`),
    );
    expect(lines.sort()).toEqual([
      'accounts/credentials/routes.ts /account',
      'accounts/credentials/routes.ts /account',
      'accounts/routes.ts /account',
      'admin/routes.ts /admin',
      'developers/routes.ts /developers',
      'oidc/routes.ts /account',
      'oidc/routes.ts /account',
      'oidc/routes.ts /developers',
    ]);
  });
});
