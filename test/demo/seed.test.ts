import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Kept } from '../../examples/demo/kept.ts';
import { type Seeding, type Seeds, seed } from '../../examples/demo/seed.ts';
import { openCommandLine, type TestCommandLine } from '../support/command-line.ts';

const FRESH: Kept = { passwords: {}, made: {}, pending: [], round: 1, running: {} };

let cli: TestCommandLine;
/** What was written down last, as the next run reads it. */
let written: Kept;
let commands: string[];

beforeEach(async () => {
  cli = await openCommandLine();
  written = FRESH;
  commands = [];
});
afterEach(() => cli.close());

/** One run of the demo's seeding on what the last one left. `stopAt`: Ctrl-C comes during this command. */
function run({ stopAt, ...wishes }: Partial<Seeding> & { stopAt?: string } = {}): Promise<Seeds> {
  const kept = structuredClone(written);
  const end = new AbortController();
  return seed({
    kept,
    keep: () => {
      written = structuredClone(kept);
    },
    async command(args, input = '') {
      const name = args.slice(0, 2).join(' ');
      commands.push(name);
      if (name === stopAt) end.abort(new Error('Ctrl-C'));
      const { code, stdout, stderr } = await cli.gatehouse([...args, '--json'], `${input}\n`);
      return code === 0 ? { ok: true, answer: JSON.parse(stdout) } : { ok: false, sentence: stderr.trim() };
    },
    stop: end.signal,
    calendarUrl: 'http://localhost:3001',
    notesUrl: 'http://localhost:3002',
    ...wishes,
  });
}

describe('seeding the demo', { timeout: 60_000 }, () => {
  it('makes everything once; a second run finds the same and runs no command', async () => {
    const first = await run();
    commands = [];
    expect(await run()).toEqual(first);
    expect(commands).toEqual([]);
  });

  it('lets the app of the other organization read and nothing else', async () => {
    const { notes, calendar } = await run();
    const { resources, scopes, organizationId } = await cli.platform.db.client.findUniqueOrThrow({
      where: { id: notes.clientId },
    });
    expect({ resources, scopes }).toEqual({
      resources: [calendar.identifier],
      scopes: ['openid', 'profile', 'calendar:read'],
    });
    const api = await cli.platform.db.api.findUniqueOrThrow({ where: { clientId: calendar.clientId } });
    expect(organizationId).not.toBe(api.organizationId);
    const accesses = await cli.platform.db.access.findMany({ where: { clientId: notes.clientId } });
    expect(accesses).toMatchObject([{ apiId: api.id, scopes: ['calendar:read'] }]);
  });

  it('begins nothing more after Ctrl-C, and the next run completes the rest', async () => {
    await expect(run({ stopAt: 'api create' })).rejects.toThrow('Ctrl-C');
    expect(written.pending).toEqual([]);
    expect(commands.at(-1)).toBe('api create');
    commands = [];
    const { notes } = await run();
    expect(notes.clientId).toMatch(/^app_/);
    expect(commands).toEqual(['client create', 'client create', 'access grant']);
  });

  it('registers the app anew when its address has changed, and keeps the people', async () => {
    const before = await run();
    const after = await run({ notesUrl: 'http://localhost:3010' });
    expect(after.person).toEqual(before.person);
    expect(after.calendar).toEqual(before.calendar);
    expect(after.notes.clientId).not.toBe(before.notes.clientId);
    expect(commands.slice(-2)).toEqual(['client create', 'access grant']);
  });

  it('takes another name for what was made by a run that was killed before it wrote the answer down', async () => {
    const before = await run();
    delete written.made['account create: Robin Reader'];
    written.pending = ['account create: Robin Reader'];
    const after = await run();
    expect(after.person.email).not.toBe(before.person.email);
    expect(after.person.otpauthUri).toMatch(/^otpauth:/);
  });

  it('starts over under other names when demo.json was lost', async () => {
    const before = await run();
    written = FRESH;
    const after = await run();
    expect(after.person.email).toBe('robin-2@example.com');
    expect(after.calendar.identifier).not.toBe(before.calendar.identifier);
  });
});
