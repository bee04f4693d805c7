import { accountsNamed } from '../accounts/account.ts';
import type { Platform } from '../platform/platform.ts';
import type { Said } from '../platform/words/text-keys.ts';

/** Who acted, by kind:id, as operators read it: accounts by their names, whoever has the command line by their user's. */
export async function peopleNamed(
  platform: Platform,
  names: readonly (string | null)[],
): Promise<(name: string | null) => Said> {
  const ids = names.flatMap((name) => accountIn(name) ?? []);
  const accounts = await accountsNamed(platform, [...new Set(ids)]);
  return (name): Said => {
    if (name?.startsWith('cli:')) return { key: 'admin.who-cli', values: { user: name.slice(4) } };
    const account = accounts.get(accountIn(name) ?? '');
    if (account) return { key: 'admin.who', values: { name: account.name || account.email } };
    return { key: name === null || name.startsWith('job:') ? 'admin.who-service' : 'admin.who-gone' };
  };
}

function accountIn(name: string | null): string | undefined {
  return /^(?:operator|account):([0-9a-f-]{36})$/.exec(name ?? '')?.[1];
}
