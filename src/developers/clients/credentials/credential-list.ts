import { findAccount } from '../../../accounts/account.ts';
import type { Platform } from '../../../platform/platform.ts';
import { type KeyView, liveKeys } from './keys.ts';
import { listSecrets, type SecretView } from './secrets.ts';

/** Who made a credential: a name, somebody whose account is gone, or an operator. */
export type Maker = { readonly name: string } | 'gone' | 'operator';

export interface DescribedCredentials {
  readonly live: readonly (SecretView & { readonly maker: Maker; readonly stillUsed: boolean })[];
  readonly ended: readonly SecretView[];
  readonly keys: readonly (KeyView & { readonly maker: Maker })[];
}

/** The credentials of an app or API as its members see them. */
export async function describeCredentials(
  platform: Platform,
  holderId: string,
): Promise<DescribedCredentials> {
  const { live, ended } = await listSecrets(platform, holderId);
  const keys = await liveKeys(platform, holderId);
  const makers = await makersOf(platform, [...live, ...keys]);
  const makerOf = (id: string | null): Maker => (id === null ? 'operator' : (makers.get(id) ?? 'gone'));
  return {
    live: live.map((one) => ({ ...one, maker: makerOf(one.createdBy), stillUsed: isStillUsed(one) })),
    ended,
    keys: keys.map((one) => ({ ...one, maker: makerOf(one.createdBy) })),
  };
}

/** Something has it although it was replaced, or in the last quarter of its time. */
function isStillUsed({ replacedAt, createdAt, expiresAt, lastUsedAt }: SecretView): boolean {
  if (lastUsedAt === null || expiresAt === null) return false;
  const quarter = (expiresAt.getTime() - createdAt.getTime()) / 4;
  return lastUsedAt > (replacedAt ?? new Date(expiresAt.getTime() - quarter));
}

async function makersOf(
  platform: Platform,
  made: readonly { readonly createdBy: string | null }[],
): Promise<ReadonlyMap<string, Maker>> {
  const makers = new Map<string, Maker>();
  for (const id of new Set(made.flatMap(({ createdBy }) => createdBy ?? []))) {
    const account = await findAccount(platform, id);
    if (account) makers.set(id, { name: account.name });
  }
  return makers;
}
