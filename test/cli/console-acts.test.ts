import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ACTS, type ActName } from '../../src/admin/acts.ts';
import { runCommand } from '../support/operator.ts';

const src = new URL('../../src/admin/', import.meta.url);

/** Every route line of the console, as it is written. */
const ROUTES: string[] = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('routes.ts'))
  .map((file) => readFileSync(new URL(file, src), 'utf8'))
  .flatMap((text) => [...text.matchAll(/\b\w+\.(get|post)\(\s*[`']\/admin([^`']*)[`']/g)])
  .map(([, method, path]) => `${String(method).toUpperCase()} ${path || '/'}`);

/** What does or shows the same on the command line. Pages that only hold a form stand with what the form does. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  'GET /': [
    'alert list',
    'appeal list',
    'client review list',
    'api waiting',
    'act list',
    'keys list',
    'check',
  ],
  'GET /organizations': ['organization list', 'organization search'],
  'POST /organizations/search': ['organization search'],
  'GET /organizations/:organization': ['organization show', 'client list'],
  'GET /organizations/:organization/events': ['event list'],
  'GET /clients': ['client list', 'client search'],
  'GET /clients/:client': ['client show', 'access list', 'suspension list'],
  'POST /clients/:client/resumption': ['client resume'],
  'GET /reviews': ['client review list', 'api waiting'],
  'GET /reviews/apis/:api': ['api waiting'],
  'POST /reviews/apis/:api': ['api approve', 'api refuse'],
  'GET /reviews/:review': ['client review show'],
  'GET /reviews/:review/logo': ['client review show'],
  'POST /reviews/:review': ['client review approve', 'client review refuse'],
  'GET /accounts': ['account show'],
  'POST /accounts/search': ['account show'],
  'GET /accounts/:account': ['account show', 'event list'],
  'GET /accounts/:account/suspension': ['account suspend'],
  'POST /accounts/:account/suspension': ['account suspend'],
  'GET /accounts/:account/resumption': ['account resume'],
  'POST /accounts/:account/resumption': ['account resume'],
  'GET /accounts/:account/session-endings': ['account sessions end'],
  'POST /accounts/:account/session-endings': ['account sessions end'],
  'GET /accounts/:account/factor-reset': ['account reset-factors'],
  'POST /accounts/:account/factor-reset': ['account reset-factors'],
  'GET /accounts/:account/forgiveness': ['account forgive'],
  'POST /accounts/:account/forgiveness': ['account forgive'],
  'GET /alerts': ['alert list'],
  'GET /alerts/:alert': ['alert list'],
  'POST /alerts/:alert/closing': ['alert close'],
  'GET /limits': ['limit list'],
  'POST /limits/resets': ['limit reset'],
  'GET /events': ['event list'],
  'GET /events/export': ['event list'],
  'GET /keys': ['keys list'],
  'GET /keys/rotation': ['keys rotate'],
  'POST /keys/rotation': ['keys rotate'],
  'GET /two-person-acts': ['act list'],
  'GET /two-person-acts/:act': ['act list'],
  'POST /two-person-acts/:act/confirmation': ['act confirm'],
  'POST /two-person-acts/:act/withdrawal': ['act withdraw'],
  'GET /operators': ['operator list'],
  'GET /operators/new': ['operator add'],
  'POST /operators/new': ['operator add'],
  'GET /operators/:operator': ['operator list'],
  'POST /operators/:operator': ['operator role'],
  'GET /operators/:operator/removal': ['operator remove'],
  'POST /operators/:operator/removal': ['operator remove'],
  'GET /suspensions': ['suspension list'],
  'GET /suspensions/new': ['suspension start'],
  'POST /suspensions/new': ['suspension start'],
  'POST /suspensions/subject': ['suspension start'],
  'GET /suspensions/:suspension': ['suspension show'],
  'POST /suspensions/:suspension/ending': ['suspension end'],
  'GET /appeals': ['appeal list'],
  'GET /appeals/:appeal': ['appeal show'],
  'POST /appeals/:appeal': ['appeal decide'],
};

/** What asks a second person for each of the acts of two; act confirm and act withdraw answer. */
const ASKING: Readonly<Record<ActName, string>> = {
  'verify-publisher': 'client review approve',
  'grant-appeal': 'appeal decide',
  'end-suspension': 'suspension end',
};

describe('everything in the console exists on the command line', () => {
  it('each of its routes, and of its acts of two, has a command', () => {
    expect([...ROUTES].sort()).toEqual(Object.keys(COMMANDS).sort());
    expect(Object.keys(ASKING).sort()).toEqual(Object.keys(ACTS).sort());
  });

  const commands = [...new Set([...Object.values(COMMANDS).flat(), ...Object.values(ASKING)])];
  it.each(commands)('gatehouse %s', async (command) => {
    const { code, stdout } = await runCommand({}, [...command.split(' '), '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: gatehouse ${command} `);
  });

  it.each(Object.values(ASKING))(
    'gatehouse %s lets its user say why to the second person',
    async (command) => {
      const { stdout } = await runCommand({}, [...command.split(' '), '--help']);
      expect(stdout).toContain('--reason');
    },
  );
});
