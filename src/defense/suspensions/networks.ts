import { BlockList, isIP } from 'node:net';
import { Refusal } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import { canonicalAddress } from '../../platform/web/client-address.ts';
import type { Handler } from '../../platform/web/context.ts';
import { effectOf } from './ladder.ts';
import { suspensionOf } from './suspension.ts';

const suspended = new WeakMap<Platform['sql'], BlockList>();

/** The widest networks that can be suspended: more is nearly everybody. */
const WIDEST = { 4: 8, 6: 19 } as const;

/** A network as CIDR with everything behind the prefix cleared by its reader; undefined where it is none, or too wide. */
export function readNetwork(text: string): string | undefined {
  const [written = '', length, ...more] = text.trim().split('/');
  const address = canonicalAddress(written);
  const family = address === undefined ? 0 : isIP(address);
  if (address === undefined || (family !== 4 && family !== 6) || more.length > 0) return undefined;
  const longest = family === 4 ? 32 : 128;
  const prefix = length === undefined ? longest : /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN;
  return prefix >= WIDEST[family] && prefix <= longest ? `${address}/${prefix}` : undefined;
}

/** Job: keeps the networks that are suspended at present in memory, so that asking costs nothing. */
export async function followNetworks({ db, sql, clock }: Platform): Promise<void> {
  const rows = await db.suspension.findMany({ where: { kind: 'network', endedAt: null, dryRun: false } });
  const list = new BlockList();
  for (const row of rows.map(suspensionOf)) {
    if (row.network !== null && effectOf(row, clock.now()).share === 0) add(list, row.network);
  }
  suspended.set(sql, list);
}

function add(list: BlockList, network: string): void {
  const [address = '', prefix] = network.split('/');
  list.addSubnet(address, Number(prefix), isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** Whether an address lies in a network as readNetwork() writes it. */
export function covers(network: string, address: string): boolean {
  const list = new BlockList();
  add(list, network);
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

export function isNetworkSuspended({ sql }: Pick<Platform, 'sql'>, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && suspended.get(sql)?.check(address, family === 6 ? 'ipv6' : 'ipv4') === true;
}

/** Refuses whoever comes from a suspended network, before anything else is done for them. */
export function refuseSuspendedNetworks(platform: Platform): Handler {
  return async (ctx, next) => {
    if (isNetworkSuspended(platform, ctx.state.address))
      throw new Refusal('forbidden', 'limits.network-suspended');
    return next();
  };
}
