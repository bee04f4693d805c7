import { Prisma } from '../../../prisma/generated/client.ts';
import { PUBLIC_ID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { skeletonOf } from '../look-alikes.ts';
import { hasWordsOf } from '../name-words.ts';
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
  const later = after && PUBLIC_ID.test(after) ? Prisma.sql`AND c.id > ${after}` : Prisma.empty;
  const rows = await platform.db.$queryRaw<{ id: string }[]>`
    SELECT c.id FROM clients c WHERE ${whichOf(wish.trim())} ${later} ORDER BY c.id LIMIT ${PAGE + 1}`;
  const ids = rows.slice(0, PAGE).map(({ id }) => id);
  const found = await findClients(platform, ids);
  const clients = ids.flatMap((id) => found.get(id) ?? []);
  return { clients, next: rows.length > PAGE ? ids.at(-1) : undefined };
}

function whichOf(wish: string): Prisma.Sql {
  if (wish === '') return Prisma.sql`true`;
  if (PUBLIC_ID.test(wish)) return Prisma.sql`c.id = ${wish}`;
  const ways = [hasWordsOf(Prisma.sql`c.name`, wish)];
  const nameKey = skeletonOf(wish);
  if (nameKey !== '') ways.push(Prisma.sql`c.name_key = ${nameKey}`);
  const judged = judgeHost(wish);
  if (judged.ok) ways.push(redirectsTo(judged.host));
  return Prisma.sql`(${Prisma.join(ways, ' OR ')})`;
}

/** The host of a registered URI is what stands between its scheme and the next sign that ends an authority. */
function redirectsTo(host: string): Prisma.Sql {
  const pattern = `^[a-z][a-z0-9+.-]*://${host.replaceAll('.', '\\.')}(:[0-9]+)?([/?#]|$)`;
  return Prisma.sql`EXISTS (SELECT FROM unnest(c.redirect_uris || c.post_logout_redirect_uris) AS u (uri)
    WHERE u.uri ~* ${pattern})`;
}
