import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VIEWS_DIRECTORY } from '../../platform/views.ts';

/** A page of the documentation: a Markdown file below `views/developers/support`. */
export interface Doc {
  /** Below `/docs/`: `quick-start/web`. The first page is `index`. */
  readonly path: string;
  /** Its first line. */
  readonly title: string;
  /** Its first paragraph, for lists. */
  readonly lead: string;
  readonly source: string;
}

/** The pages in the order in which the list of pages shows them; pages about one error stand in a list of their own. */
const SHELF = [
  'index',
  'quick-start',
  'quick-start/web',
  'quick-start/spa',
  'quick-start/native',
  'quick-start/machine',
  'quick-start/cli',
  'quick-start/agent',
  'protect-your-api',
  'put-a-gateway-in-front',
  'scopes-and-consent',
  'credentials',
  'access-codes',
  'leak-reports',
  'report-misuse',
  'events',
  'limits',
  'suspensions',
  'errors',
] as const;

const DIRECTORY = join(VIEWS_DIRECTORY, 'developers/support');

/** Read once, at start. */
const errorCodes = readdirSync(join(DIRECTORY, 'errors'))
  .map((file) => file.replace('.md', ''))
  .sort();

/** `error` codes that have a page, by name. */
export const ERROR_CODES: readonly string[] = errorCodes;

export const SHELVED: readonly Doc[] = SHELF.map(readDoc);

const DOCS: ReadonlyMap<string, Doc> = new Map(
  [...SHELVED, ...errorCodes.map((code) => readDoc(`errors/${code}`))].map((doc) => [doc.path, doc]),
);

export function findDoc(path: string): Doc | undefined {
  return DOCS.get(path);
}

/** Where a page is served. */
export function docHref({ path }: Doc): string {
  return path === 'index' ? '/docs' : `/docs/${path}`;
}

/** The page about an error code, or the list of all of them. */
export function errorDocHref(code: string): string {
  return errorCodes.includes(code) ? `/docs/errors/${code}` : '/docs/errors';
}

function readDoc(path: string): Doc {
  const source = readFileSync(join(DIRECTORY, `${path}.md`), 'utf8');
  const [title = '', , lead = ''] = source.split('\n');
  return { path, title: title.replace('# ', ''), lead, source: source.replace('{{errors}}', listErrors) };
}

/** A list of every error page, with the first sentence of each. */
function listErrors(): string {
  return errorCodes
    .map((code) => {
      const lead = readFileSync(join(DIRECTORY, 'errors', `${code}.md`), 'utf8').split('\n')[2] ?? '';
      return `- [${code}](/docs/errors/${code}): ${lead}`;
    })
    .join('\n');
}
