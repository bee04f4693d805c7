import { Prisma } from '../../../prisma/generated/client.ts';
import { PUBLIC_ID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { skeletonOf } from '../look-alikes.ts';
import { namedLike } from '../name-words.ts';
import { judgeHost } from '../organizations/host-names.ts';
import { type ClientView, findClients } from './client.ts';

export interface FoundClients {
  readonly clients: readonly ClientView[];
  /** Where the next page begins: pass it as `after`. */
  readonly next: string | undefined;
}

const PAGE = 50;

/**
 * Apps for operators, by client ID: those with this client ID, a name of such words or one that looks like it, or a
 * redirect URI at this very host. Without a wish all of them.
 */
export async function searchClients(
  platform: Platform,
  { wish = '', after }: { wish?: string | undefined; after?: string | undefined },
): Promise<FoundClients> {
  const later = after && PUBLIC_ID.test(after) ? Prisma.sql`WHERE c.id > ${after}` : Prisma.empty;
  const rows = await platform.db.$queryRaw<{ id: string }[]>`
    SELECT c.id FROM (${whichOf(wish.trim())}) c ${later} ORDER BY c.id LIMIT ${PAGE + 1}`;
  const ids = rows.slice(0, PAGE).map(({ id }) => id);
  const found = await findClients(platform, ids);
  const clients = ids.flatMap((id) => found.get(id) ?? []);
  return { clients, next: rows.length > PAGE ? ids.at(-1) : undefined };
}

/** A query for their ids. */
function whichOf(wish: string): Prisma.Sql {
  if (wish === '') return Prisma.sql`SELECT id FROM clients`;
  if (PUBLIC_ID.test(wish)) return Prisma.sql`SELECT id FROM clients WHERE id = ${wish}`;
  const ways = [Prisma.sql`(${namedLike('clients', wish)})`];
  const nameKey = skeletonOf(wish);
  if (nameKey !== '') ways.push(Prisma.sql`SELECT id FROM clients WHERE name_key = ${nameKey}`);
  const judged = judgeHost(wish);
  if (judged.ok) ways.push(Prisma.sql`(${redirectsTo(judged.host)})`);
  return Prisma.join(ways, ' UNION ');
}

/** The function is one of ours, which the index on it is made with (see the migration). */
function redirectsTo(host: string): Prisma.Sql {
  return Prisma.sql`WITH there AS MATERIALIZED (
    SELECT id FROM clients WHERE hosts_of(redirect_uris || post_logout_redirect_uris) @> ${[host]}::text[]
  ) SELECT id FROM there`;
}
