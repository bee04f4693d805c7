import type { Command } from 'commander';
import { listSigningKeys, rotateSigningKeys, type SigningKeyView } from '../oidc/signing-keys.ts';
import type { CliContext } from './context.ts';
import { table } from './output.ts';

export function registerKeys(program: Command, cli: CliContext): void {
  const group = program.command('keys').description('the keys that tokens are signed with');
  group
    .command('list')
    .description('lists the published keys, without their private parts')
    .action(async () => {
      const keys = await cli.withPlatform(listSigningKeys);
      const lines =
        keys.length === 0 ? ['There are no keys yet. The server makes them when it starts.'] : keyLines(keys);
      cli.answer({ keys: keys.map(keyObject) }, ...lines);
    });
  group
    .command('rotate')
    .description('signs with the next keys from now on; what the old ones signed stays valid')
    .action(async () => {
      const keys = await cli.withPlatform((platform) => rotateSigningKeys(platform, cli.actor));
      cli.answer(
        { keys: keys.map(keyObject) },
        'Rotated the signing keys. Running servers follow within a second.',
        ...keyLines(keys),
      );
    });
}

function keyObject({
  kid,
  alg,
  state,
  createdAt,
  promotedAt,
  retiredAt,
}: SigningKeyView): Record<string, unknown> {
  return {
    ...{ kid, alg, state, created_at: createdAt.toISOString() },
    promoted_at: promotedAt?.toISOString() ?? null,
    retired_at: retiredAt?.toISOString() ?? null,
  };
}

function keyLines(keys: readonly SigningKeyView[]): string[] {
  const rows = keys.map(({ kid, alg, state, createdAt }) => [kid, alg, state, createdAt.toISOString()]);
  return table(['KEY ID', 'ALGORITHM', 'STATE', 'MADE'], rows);
}
