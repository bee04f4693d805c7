import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAIN_DOMAIN } from '../../../src/accounts/trust-domains.ts';
import { MIGRATIONS, migrationNames } from '../../../src/platform/database/migrations.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

const PORTAL = migrationNames().findIndex((name) => name.endsWith('_portal'));

/** As the release before the portal writes them, with the columns it knows. */
const rowsOfThatRelease = (digit: number) => {
  const id = (kind: number) => `'0000000${kind}-0000-7000-8000-00000000000${digit}'`;
  return `
    INSERT INTO organizations (id, name, created_at) VALUES (${id(1)}, 'Acme', now());
    INSERT INTO clients (id, organization_id, name, type, auth_method, redirect_uris, post_logout_redirect_uris, scopes,
                         resources, created_at, updated_at)
      VALUES ('planner${digit}', ${id(1)}, 'Planner', 'web', 'client_secret_basic', '{https://a.example/}', '{}', '{}',
              '{https://api${digit}.example/v1/}', now(), now());
    INSERT INTO client_secrets (id, holder_id, digest, created_at)
      VALUES (${id(2)}, 'planner${digit}', '\\x0${digit}', now());
    INSERT INTO apis (id, client_id, organization_id, identifier, name, token_format, created_at)
      VALUES (${id(3)}, 'api${digit}', ${id(1)}, 'https://api${digit}.example/v1/', 'Notes', 'opaque', now());
    INSERT INTO scopes (api_id, name, description, kind, sensitivity, optional)
      VALUES (${id(3)}, 'notes:read', 'Read your notes', 'read', 'basic', false);
    INSERT INTO accesses (id, client_id, api_id, scopes, origin, created_at)
      VALUES (${id(4)}, 'planner${digit}', ${id(3)}, '{notes:read}', 'operator', now());
    INSERT INTO consents (id, account_id, client_id, resource, scopes, granted_at)
      VALUES (${id(5)}, ${id(6)}, 'planner${digit}', 'https://api${digit}.example/v1/', '{notes:read}', now());
    INSERT INTO sign_up_passes (id, digest, email_key, created_at, expires_at)
      VALUES (${id(7)}, '\\x1${digit}', 'ann${digit}@acme.example', now(), now());`;
};

describe('a database of the release before the portal', () => {
  let made: TestDatabase;
  let owner: pg.Client;
  const apply = (name = '') => owner.query(readFileSync(join(MIGRATIONS, name, 'migration.sql'), 'utf8'));
  beforeAll(async () => {
    made = await createTestDatabase({ empty: true });
    owner = new pg.Client({ connectionString: made.directDatabaseUrl });
    await owner.connect();
    for (const name of migrationNames().slice(0, PORTAL)) await apply(name);
    await owner.query(rowsOfThatRelease(1));
    for (const name of migrationNames().slice(PORTAL)) await apply(name);
    // While processes are replaced one by one, those of that release go on writing.
    await owner.query(rowsOfThatRelease(2));
  });
  afterAll(async () => {
    await owner.end();
    await made.drop();
  });

  it('keeps its apps live, in the main domain and nobody’s guests', async () => {
    const { rows } = await owner.query(
      `SELECT stage, trust_domain_id AS domain, sponsored, suspended_by FROM clients ORDER BY id`,
    );
    const app = { stage: 'live', domain: MAIN_DOMAIN, sponsored: false, suspended_by: null };
    expect(rows).toEqual([app, app]);
    expect((await owner.query('SELECT name FROM trust_domains')).rows).toEqual([{ name: 'main' }]);
  });

  it('keeps its APIs approved under the names that apps and consents know, without terms', async () => {
    const { rows } = await owner.query(
      `SELECT a.identifier = ANY (c.resources) AS asked, a.identifier = n.resource AS allowed, a.terms_version AS terms,
              x.terms_version AS accepted, x.people_per_day AS cap, s.deprecated_at AS deprecated
         FROM apis a JOIN accesses x ON x.api_id = a.id JOIN clients c ON c.id = x.client_id
         JOIN consents n ON n.client_id = c.id JOIN scopes s ON s.api_id = a.id`,
    );
    const kept = { asked: true, allowed: true, terms: 0, accepted: 0, cap: null, deprecated: null };
    expect(rows).toEqual([kept, kept]);
  });
});
