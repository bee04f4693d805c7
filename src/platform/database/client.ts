import { PrismaPg } from '@prisma/adapter-pg';
import type pg from 'pg';
import { type Prisma, PrismaClient } from '../../../prisma/generated/client.ts';

/** The typed client, or the same client inside a transaction. */
export type Database = PrismaClient | Prisma.TransactionClient;

export type { PrismaClient };

/** The typed client over a pool that is shared with the named statements. */
export function openClient(pool: pg.Pool): PrismaClient {
  return new PrismaClient({
    adapter: new PrismaPg(pool, { disposeExternalPool: false }),
    errorFormat: 'minimal',
  });
}
