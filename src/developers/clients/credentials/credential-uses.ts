import type { Statement, Statements } from '../../../platform/database/statements.ts';
import type { Platform } from '../../../platform/platform.ts';

/** When and from which network a credential was used last. */
interface Use {
  readonly at: Date;
  readonly place: string | null;
}

interface Uses {
  /** By digest, in hex. */
  readonly secrets: Map<string, Use>;
  /** By the id of the key. */
  readonly keys: Map<string, Use>;
}

/** Credentials used since they were last written: one in steady use costs one row every few seconds. */
const collected = new WeakMap<Statements, Uses>();

function usesIn(sql: Statements): Uses {
  const known = collected.get(sql);
  if (known) return known;
  const uses = { secrets: new Map(), keys: new Map() };
  collected.set(sql, uses);
  return uses;
}

/** Remembers in this process that a client proved itself now with the secret of this digest. */
export function noteSecretUse({ sql, clock }: Platform, digest: Buffer, place: string | undefined): void {
  usesIn(sql).secrets.set(digest.toString('hex'), { at: clock.now(), place: place ?? null });
}

/** Remembers in this process that a client proved itself now with this key. */
export function noteKeyUse({ sql, clock }: Platform, keyId: string): void {
  usesIn(sql).keys.set(keyId, { at: clock.now(), place: null });
}

/** Rows are locked in one order, so that two processes which write the same ones do not deadlock. */
const WRITE_SECRETS: Statement = {
  name: 'write_secret_uses',
  text: `WITH held AS MATERIALIZED (
      SELECT s.id, u.at, u.place
        FROM client_secrets s JOIN unnest($1::text[], $2::timestamptz[], $3::text[]) AS u (digest, at, place)
          ON s.digest = decode(u.digest, 'hex')
       WHERE s.last_used_at IS NULL OR s.last_used_at < u.at ORDER BY s.id FOR UPDATE OF s)
    UPDATE client_secrets s SET last_used_at = h.at, last_used_from = h.place FROM held h WHERE s.id = h.id`,
};

const WRITE_KEYS: Statement = {
  name: 'write_key_uses',
  text: `WITH held AS MATERIALIZED (
      SELECT k.id, u.at FROM client_keys k JOIN unnest($1::uuid[], $2::timestamptz[]) AS u (id, at) ON k.id = u.id
       WHERE k.last_used_at IS NULL OR k.last_used_at < u.at ORDER BY k.id FOR UPDATE OF k)
    UPDATE client_keys k SET last_used_at = h.at FROM held h WHERE k.id = h.id`,
};

/**
 * Job, and the last act of a stopping process: writes what was collected. What could not be written is kept for the next
 * time. Answers how many credentials were used.
 */
export async function writeCredentialUses({ sql }: Pick<Platform, 'sql'>): Promise<number> {
  const uses = collected.get(sql);
  if (!uses) return 0;
  collected.delete(sql);
  const secrets = [...uses.secrets];
  const keys = [...uses.keys];
  try {
    if (secrets.length > 0) {
      const [digests, ats, places] = [
        secrets.map(([digest]) => digest),
        secrets.map(([, { at }]) => at),
        secrets.map(([, { place }]) => place),
      ];
      await sql.run(WRITE_SECRETS, [digests, ats, places]);
    }
    if (keys.length > 0) await sql.run(WRITE_KEYS, [keys.map(([id]) => id), keys.map(([, { at }]) => at)]);
  } catch (error) {
    keepForNextTime(sql, uses);
    throw error;
  }
  return secrets.length + keys.length;
}

function keepForNextTime(sql: Statements, { secrets, keys }: Uses): void {
  const since = usesIn(sql);
  for (const [digest, use] of secrets) if (!since.secrets.has(digest)) since.secrets.set(digest, use);
  for (const [id, use] of keys) if (!since.keys.has(id)) since.keys.set(id, use);
}
