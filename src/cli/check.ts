import type { Command } from 'commander';
import { API_CHECKS } from '../developers/insights/checks/api-checks.ts';
import type { Finding } from '../developers/insights/checks/check.ts';
import { CLIENT_CHECKS } from '../developers/insights/checks/client-checks.ts';
import { findingsOf, findingsOfApi, REQUIRED_CHECKS } from '../developers/insights/checks/findings.ts';
import { findApi, findApiById } from '../developers/apis/api.ts';
import { findClient } from '../developers/clients/client.ts';
import { UUID } from '../platform/ids.ts';
import { inEnglish } from '../platform/words/english.ts';
import { type CliContext, CommandFault } from './context.ts';
import { table } from './output.ts';

export function registerCheck(program: Command, cli: CliContext): void {
  const group = program.command('check').description('what the checks say about an app or an API');
  group
    .command('client')
    .description('judges an app by every check there is')
    .argument('<client_id>')
    .action((id: string) => checkClient(id, cli));
  group
    .command('api')
    .description('judges an API by every check there is')
    .argument('<identifier>', 'its identifier or its ID')
    .action((name: string) => checkApi(name, cli));
  group
    .command('list')
    .description('every check, with the rule that it comes from')
    .action(() => list(cli));
}

async function checkClient(id: string, cli: CliContext): Promise<void> {
  await cli.withPlatform(async (platform) => {
    if (!(await findClient(platform, id))) throw new CommandFault('No app has this client ID.');
    const required: readonly string[] = platform.settings.get(REQUIRED_CHECKS);
    say(cli, await findingsOf(platform, id), required);
  });
}

async function checkApi(name: string, cli: CliContext): Promise<void> {
  await cli.withPlatform(async (platform) => {
    const api = UUID.test(name) ? await findApiById(platform, name) : await findApi(platform, name);
    if (!api) throw new CommandFault('No API has this identifier.');
    say(cli, await findingsOfApi(platform, api.id), []);
  });
}

function say(cli: CliContext, findings: readonly Finding[], required: readonly string[]): void {
  const rows = findings.map(({ check, kind, source, title, fix }) => ({
    ...{ check, kind, title: inEnglish(title), fix: inEnglish(fix), source: source.name },
    required_to_go_live: required.includes(check),
  }));
  const lines = rows.flatMap(({ check, kind, title, fix }) => [`${kind}  ${check}: ${title}`, `  ${fix}`]);
  cli.answer({ findings: rows }, ...(lines.length === 0 ? ['Every check passes.'] : lines));
}

function list(cli: CliContext): void {
  const rows = [
    ...CLIENT_CHECKS.map(({ id, kind, source }) => ['app', id, kind, source.name]),
    ...API_CHECKS.map(({ id, kind, source }) => ['api', id, kind, source.name]),
  ];
  const checks = rows.map(([about, id, kind, source]) => ({ about, id, kind, source }));
  cli.answer({ checks }, ...table(['ABOUT', 'CHECK', 'KIND', 'RULE'], rows));
}
