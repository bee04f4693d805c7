import { readdirSync, readFileSync } from 'node:fs';

/** A route as the source writes it. */
export interface RouteLine {
  /** Below src/. */
  readonly file: string;
  readonly method: string;
  /** Whole, with its parameters: `/developers/organizations/:organization/apps/:client`. */
  readonly path: string;
  /** Of a line of guarded pages (platform/web/guarded-pages), as it is written: `{ may: 'protect', recent: true }`. */
  readonly demand: string | undefined;
  /** What stands behind the path. */
  readonly handlers: string;
}

/** Where the pages begin that a table of this name writes down (developers/portal-guards and its likes). */
const TABLES: Readonly<Record<string, string>> = {
  organization: '/developers/organizations/:organization',
  app: '/developers/organizations/:organization/apps/:client',
  api: '/developers/organizations/:organization/apis/:api',
  page: '',
};

const LINE = /\b(\w+)\.(get|post|put|delete|patch|all)\(\s*[`'](\/[^`']*|)[`'],([\s\S]*?)\);\n/g;
const DEMAND = /^\s*(\{(?:[^{}]|\{[^{}]*\})*\}),([\s\S]*)$/;

const src = new URL('../../src/', import.meta.url);

/** Every route line there is, file by file. */
export const ROUTE_LINES: readonly RouteLine[] = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .sort()
  .flatMap((file) =>
    [...readFileSync(new URL(file, src), 'utf8').matchAll(LINE)].map(([, table, method, path, rest]) => {
      const [, demand, handlers] = DEMAND.exec(String(rest)) ?? [];
      const base = demand === undefined ? '' : TABLES[String(table)];
      return {
        ...{ file, method: String(method), path: `${base}${path}`, demand },
        handlers: handlers ?? String(rest),
      };
    }),
  )
  .filter(({ path }) => path !== '');

/** What a line demands of whoever is signed in, and of what kind of permission. */
export function permissionIn({ demand = '' }: RouteLine): string | undefined {
  return /\bmay: '([\w.]+)'/.exec(demand)?.[1];
}

/** Whether everybody has to prove who they are before such a page. */
export function asksForRecentProof({ demand = '' }: RouteLine): boolean {
  return /\brecent: (true|\{ backTo: )/.test(demand);
}
