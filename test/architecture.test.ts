import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { asksForRecentProof, ROUTE_LINES } from './support/route-lines.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const src = join(root, 'src');

/** A folder imports only from its left. The last three are single files at the top, cli is a folder. */
const FLOORS = [
  'config',
  'platform',
  'audit',
  'tokens',
  'defense',
  'accounts',
  'developers',
  'oidc',
  'management',
  'admin',
  'jobs',
  'app',
  'main',
  'cli',
];

const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .sort()
  .map((file) => ({ file, text: readFileSync(join(src, file), 'utf8') }));

const views = readdirSync(join(root, 'views'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.eta'))
  .map((file) => ({
    view: file.slice(0, -'.eta'.length),
    text: readFileSync(join(root, 'views', file), 'utf8'),
  }));

function importsOf(text: string): string[] {
  return [...text.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(([, target]) => String(target));
}

/** `config` for config.ts and config-*.ts, else the top folder or file name. */
function floorOf(file: string): string {
  const top = String(file.split('/')[0]).replace(/\.ts$/, '');
  return /^config(-|$)/.test(top) ? 'config' : top;
}

function localImports(file: string, text: string): string[] {
  return importsOf(text)
    .filter((target) => target.startsWith('.'))
    .map((target) => relative(src, resolve(src, dirname(file), target)));
}

describe('the house plan', () => {
  it('lets a folder import only from its left', () => {
    const wrong = files.flatMap(({ file, text }) =>
      localImports(file, text)
        .filter((target) => !target.startsWith('..'))
        .filter((target) => FLOORS.indexOf(floorOf(target)) > FLOORS.indexOf(floorOf(file)))
        .map((target) => `${file} imports ${target}`),
    );
    expect(wrong).toEqual([]);
    expect(files.map(({ file }) => floorOf(file)).filter((floor) => !FLOORS.includes(floor))).toEqual([]);
  });

  it('keeps main and cli apart', () => {
    const wrong = files.filter(
      ({ file, text }) =>
        (file === 'main.ts' && localImports(file, text).some((target) => target.startsWith('cli/'))) ||
        (file.startsWith('cli/') && localImports(file, text).includes('main.ts')),
    );
    expect(wrong.map(({ file }) => file)).toEqual([]);
  });

  it('keeps pages leaves: only routes and the app import them', () => {
    const wrong = files.flatMap(({ file, text }) =>
      localImports(file, text)
        .filter((target) => target.endsWith('.pages.ts'))
        .filter(
          () =>
            !/(^|[/-])(routes|app)\.ts$/.test(file) && file !== 'platform/observability/metrics-server.ts',
        )
        .map((target) => `${file} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it('lets the engine be imported in oidc/ alone, and its types in tokens/artifact-store.ts', () => {
    const wrong = files
      .filter(({ text }) => importsOf(text).some((target) => target.startsWith('oidc-provider')))
      .filter(({ file }) => !file.startsWith('oidc/') && file !== 'tokens/artifact-store.ts');
    expect(wrong.map(({ file }) => file)).toEqual([]);
  });

  it('reads the environment in config.ts alone', () => {
    const wrong = files.filter(
      ({ file, text }) => text.includes('process.env') && floorOf(file) !== 'config',
    );
    expect(wrong.map(({ file }) => file)).toEqual([]);
  });

  it('takes the time from the clock alone', () => {
    const wrong = files.filter(
      ({ file, text }) => /Date\.now\(\)|new Date\(\)/.test(text) && file !== 'platform/clock.ts',
    );
    // Programs that others copy and run, which have no clock of ours.
    expect(wrong.map(({ file }) => file)).toEqual([
      'developers/support/event-snippet.ts',
      'developers/support/key-snippets.ts',
      'developers/support/report-snippet.ts',
    ]);
  });

  it('has no file over 300 lines, no barrel, and no name that says nothing', () => {
    const long = files.filter(({ text }) => text.split('\n').length > 300).map(({ file }) => file);
    const vague = files
      .map(({ file }) => file)
      .filter((file) =>
        /(^|[/-])(utils?|helpers?|common|misc|managers?|services?|index)(\.|\/|-)/.test(file),
      );
    expect({ long, vague }).toEqual({ long: [], vague: [] });
  });

  it('lets each table be used by the slice that owns it', () => {
    const owners = new Map<string, string>();
    for (const name of readdirSync(join(root, 'prisma/models'))) {
      const text = readFileSync(join(root, 'prisma/models', name), 'utf8');
      for (const [, model] of text.matchAll(/^model (\w+)/gm)) {
        owners.set(
          String(model).replace(/^./, (first) => first.toLowerCase()),
          name.replace('.prisma', ''),
        );
      }
    }
    const wrong = files.flatMap(({ file, text }) =>
      [...text.matchAll(/\bdb\.(\w+)\.\w+\(/g)]
        .map(([, model]) => String(model))
        .filter((model) => owners.has(model) && owners.get(model) !== floorOf(file))
        .map((model) => `${file} uses ${model}`),
    );
    expect(wrong).toEqual([]);
  });
});

describe('tests', () => {
  const tests = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && file !== 'architecture.test.ts')
    .map((file) => ({ file, text: readFileSync(join(root, 'test', file), 'utf8') }));

  it('do not measure how long something takes: what else the machine does is none of their business', () => {
    // Holds up the event loop on purpose.
    const allowed = ['defense/limits/overload.test.ts'];
    const wrong = tests.filter(({ text }) => /performance\.now\(/.test(text)).map(({ file }) => file);
    expect(wrong).toEqual(allowed);
  });

  it('wait with patience for what comes in its own time', () => {
    const waits = /expect\s*\.poll\(|vi\.wait(?:For|Until)\(/;
    const wrong = tests.filter(({ text }) => waits.test(text) && !text.includes('PATIENCE'));
    expect(wrong.map(({ file }) => file)).toEqual([]);
  });
});

describe('routes', () => {
  const posts = ROUTE_LINES.filter(({ method }) => method === 'post');

  it('each have a guard or are public on purpose', () => {
    const open = ROUTE_LINES.filter(
      ({ demand, handlers }) => demand === undefined && !/\b(publicRoute|require[A-Z]\w*)\b/.test(handlers),
    );
    expect(ROUTE_LINES.length).toBeGreaterThan(300);
    expect(open.map(({ file, path }) => `${file} ${path}`)).toEqual([]);
  });

  it('are written in one form where the same guards stand before many', () => {
    const inAnArea = /^\/(account|admin|developers\/organizations\/:organization)(\/|$)/;
    const alone = ROUTE_LINES.filter(({ path, demand }) => inAnArea.test(path) && demand === undefined);
    expect(alone.map(({ file, path }) => `${file} ${path}`)).toEqual([]);
  });

  it('demand a recent proof wherever something of an account changes, but where that only makes it safer or says its name', () => {
    const spared = posts.filter((line) => /^\/account\//.test(line.path) && !asksForRecentProof(line));
    expect(spared.map(({ path }) => path).sort()).toEqual([
      '/account/apps/:client/installations/:grant/removal',
      '/account/apps/:client/removal',
      '/account/apps/removal',
      '/account/closing/cancellation',
      '/account/events/report',
      '/account/factor-reset/cancellation',
      '/account/profile',
      '/account/sessions/:id/ending',
      '/account/sessions/endings',
      '/account/sign-in-methods/passkeys/:id/name',
      '/account/sign-in-methods/trusted-browsers/:id/removal',
      '/account/tokens/:id/revocation',
    ]);
  });

  it('demand a recent proof wherever an operator changes something; an address is looked up without', () => {
    const spared = posts.filter((line) => /^\/admin/.test(line.path) && !asksForRecentProof(line));
    expect(spared.map(({ path }) => path).sort()).toEqual([
      '/admin/accounts/search',
      '/admin/organizations/search',
    ]);
  });

  it('refuse other sites wherever they change something', () => {
    // Guarded pages do so by themselves; test/flows/portal-permissions asks each of them.
    const unguarded = posts.filter(
      ({ demand, handlers }) => demand === undefined && !handlers.includes('sameOriginOnly'),
    );
    expect(unguarded.map(({ file, path }) => `${file} ${path}`)).toEqual([]);
  });
});

describe('views', () => {
  const rendered = files.flatMap(({ file, text }) =>
    [
      ...text.matchAll(
        /(?:renderPage|renderAccountPage|renderPortalPage|renderConsolePage|showView)\(\s*[^,]+,\s*'([^']+)'/g,
      ),
    ].map(([, view]) => ({
      file,
      view: String(view),
    })),
  );

  it('exist where a page names them', () => {
    const missing = rendered.filter(({ view }) => !existsSync(join(root, 'views', `${view}.eta`)));
    expect(missing).toEqual([]);
  });

  it('are named like the page that renders them', () => {
    const wrong = rendered.filter(({ file, view }) => {
      if (!file.endsWith('.pages.ts')) return view !== 'errors/error';
      const page = file.replace(/\.pages\.ts$/, '');
      const own = page.replace(/^platform\/web\//, 'platform/');
      return view !== own && !view.startsWith(`${own}-`);
    });
    expect(wrong.map(({ file, view }) => `${file} renders ${view}`)).toEqual([]);
  });

  it('are all used', () => {
    const included = views.flatMap(({ text }) =>
      [...text.matchAll(/(?:include|layout)\('\/([^']+)'/g)].map(([, view]) => String(view)),
    );
    const letters = files.flatMap(({ text }) =>
      [...text.matchAll(/(?:renderLetter\(\s*\w+,|\bletter:)\s*'([^']+)'/g)].flatMap(([, name]) => [
        `letters/${name}.txt`,
        `letters/${name}.html`,
      ]),
    );
    const used = new Set([...rendered.map(({ view }) => view), ...included, ...letters]);
    expect(views.map(({ view }) => view).filter((view) => !used.has(view))).toEqual([]);
  });
});

it('every decision has a number of its own and a row with its title in the index', () => {
  const folder = join(root, 'docs/decisions');
  const index = readFileSync(join(folder, 'README.md'), 'utf8');
  const records = readdirSync(folder).filter((name) => /^\d{4}-/.test(name));
  const numbers = records.map((name) => Number(name.slice(0, 4)));
  expect(new Set(numbers).size).toBe(numbers.length);
  for (const name of records) {
    const [number, title] =
      /^# (\d+)\. (.+)\n/.exec(readFileSync(join(folder, name), 'utf8'))?.slice(1) ?? [];
    expect(Number(number)).toBe(Number(name.slice(0, 4)));
    expect(index).toContain(`| ${number} | [${title}](${name}) |`);
  }
});
