import { createApi } from '../../src/developers/apis/api.ts';
import { createClient } from '../../src/developers/clients/registration.ts';
import { createOrganization } from '../../src/developers/organizations/organization.ts';
import { ROLES, type Role } from '../../src/developers/organizations/roles.ts';
import { keyedDigest } from '../../src/platform/crypto/secrets.ts';
import type { Platform } from '../../src/platform/platform.ts';
import { ok, operator } from './developers.ts';
import { createPerson, type Person, signInThroughForms } from './people.ts';
import { Visitor } from './visitor.ts';

/** An organization with one member of each role, signed in, an app and an API. */
export interface Peopled {
  readonly organizationId: string;
  readonly clientId: string;
  readonly apiId: string;
  readonly people: Readonly<Record<Role, Person>>;
  readonly browsers: Readonly<Record<Role, Visitor>>;
}

export async function aPeopledOrganization(
  { platform, url }: { platform: Platform; url: string },
  name: string,
): Promise<Peopled> {
  const people = {} as Record<Role, Person>;
  const browsers = {} as Record<Role, Visitor>;
  for (const role of ROLES) people[role] = await createPerson(platform, { name: `${role} of ${name}` });
  const organizationId = ok(
    await createOrganization(platform, operator, { name, ownerEmail: people.owner.email }),
  ).organization.id;
  for (const role of ROLES) {
    if (role !== 'owner') {
      await platform.db.organizationMember.create({
        data: { organizationId, accountId: people[role].id, role, createdAt: platform.clock.now() },
      });
    }
    browsers[role] = new Visitor(url);
    await signInThroughForms(browsers[role], await browsers[role].open('/sign-in'), people[role]);
  }
  const redirectUris = ['https://app.example.com/callback'];
  const app = { organizationId, name: `App of ${name}`, type: 'web', redirectUris } as const;
  const { client } = ok(await createClient(platform, operator, app));
  const scopes = [{ name: 'notes:read', description: 'Read your notes' }];
  const identifier = `https://${name.toLowerCase()}.example`;
  const { api } = ok(
    await createApi(platform, operator, { organizationId, identifier, name: `API of ${name}`, scopes }),
  );
  return { organizationId, clientId: client.id, apiId: api.id, people, browsers };
}

/** The hidden field that a form sent to `path` carries in this browser. */
export function formTokenFor({ vault }: Platform, browser: Visitor, path: string): string {
  const cookie = browser.cookies.all().get('gatehouse_form') ?? '';
  return keyedDigest(vault.secret('form-token'), cookie, path).toString('base64url');
}
