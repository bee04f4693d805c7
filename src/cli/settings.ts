import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { changeSetting } from '../audit/change-setting.ts';
import type { Setting } from '../platform/settings.ts';
import { carryOut } from './carry-out.ts';
import { type CliContext, CommandFault, UsageFault } from './context.ts';
import { aligned, table } from './output.ts';
import { SETTINGS } from './settings-catalogue.ts';

export function registerSettings(program: Command, cli: CliContext): void {
  const group = program
    .command('settings')
    .description('what is decided while the server runs: policy, looks, texts');
  group
    .command('list')
    .description('every setting with its value')
    .action(() => list(cli));
  group
    .command('show')
    .description('one setting: its value, its default and what it does')
    .argument('<name>')
    .action((name: string) => show(name, cli));
  group
    .command('set')
    .description('changes a setting, in force in every process within a second')
    .argument('<name>')
    .argument('<value>', 'a word, true or false, a number, words separated by commas, or JSON')
    .action((name: string, value: string) => set(name, value, cli));
  group
    .command('set-logo')
    .description('shows a picture in the head of every page')
    .requiredOption('--file <path>', 'a PNG, JPEG or WebP picture, less than 2 MB')
    .action(({ file }: { file: string }) => setLogoFrom(file, cli));
}

async function setLogoFrom(file: string, cli: CliContext): Promise<void> {
  const bytes = await readFile(file).catch(() => {
    throw new CommandFault(`The file ${file} cannot be read.`);
  });
  // The decoder is loaded for this one command alone; no server ever does.
  const { setLogo } = await import('../audit/set-logo.ts');
  const { logo } = await carryOut(cli, setLogo, bytes);
  cli.answer({ logo }, `The logo is now ${logo.width} by ${logo.height} pixels, in the head of every page.`);
}

async function list(cli: CliContext): Promise<void> {
  await cli.withPlatform(async ({ settings }) => {
    const rows = SETTINGS.map((setting) => [setting.name, settings.get(setting)] as const);
    cli.answer(
      Object.fromEntries(rows),
      ...table(
        ['SETTING', 'VALUE'],
        rows.map(([name, value]) => [name, written(value)]),
      ),
    );
  });
}

async function show(name: string, cli: CliContext): Promise<void> {
  const setting = settingNamed(name);
  await cli.withPlatform(async ({ settings }) => {
    const { about, fallback } = setting;
    const value = settings.get(setting);
    cli.answer(
      { name, value, default: fallback, about },
      about,
      ...aligned([
        ['Value', written(value)],
        ['Default', written(fallback)],
      ]),
    );
  });
}

async function set(name: string, raw: string, cli: CliContext): Promise<void> {
  const setting = settingNamed(name);
  const value = valueFrom(setting, raw);
  await cli.withPlatform((platform) => changeSetting(platform, cli.actor, { setting, value }));
  cli.answer({ name, value }, `${name} is now ${written(value)}.`);
}

function settingNamed(name: string): Setting<unknown> {
  const found = SETTINGS.find((setting) => setting.name === name);
  if (found) return found;
  throw new UsageFault(`There is no setting ${name}. "gatehouse settings list" shows all of them.`);
}

/** The first reading of what was typed that the setting's own schema takes. */
function valueFrom({ name, schema, about }: Setting<unknown>, raw: string): unknown {
  const readings = [raw, ...jsonOf(raw), raw.split(',').map((part) => part.trim())];
  const results = readings.map((reading) => schema.safeParse(reading));
  const taken = results.find(({ success }) => success);
  if (taken) return taken.data;
  // JSON that the schema refuses was meant as JSON: its reason says more than that it is no word.
  const reason = (results.length > 2 ? results[1] : results[0])?.error?.issues[0]?.message;
  throw new CommandFault(`${name} cannot be that: ${reason}. ${about}`);
}

function jsonOf(raw: string): unknown[] {
  try {
    return [JSON.parse(raw)];
  } catch {
    return [];
  }
}

function written(value: unknown): string {
  return typeof value === 'string' ? value || '(empty)' : JSON.stringify(value);
}
