import { randomBytes } from 'node:crypto';
import { C0_PARTIES } from '../c0.ts';
import type { Installation } from './installation.ts';
import type { Person } from './people.ts';
import type { RunningServer } from './processes.ts';
import {
  API_SCOPE,
  JWT_API,
  JWT_SCOPE,
  OPAQUE_API,
  type Party,
  REDIRECT_URI,
  type Target,
} from './target.ts';

const verifier = randomBytes(32).toString('base64url');

/** Registers by command line what the flows need: an owner, an organization, two APIs, three apps. */
export async function seed(installation: Installation, server: RunningServer): Promise<Target> {
  const person = await newPerson(installation, 'person');
  const { id: organization = '' } = await installation.command([
    'organization',
    'create',
    ...['--name', 'Bench', '--owner', person.email],
  ]);
  const create = (group: string, ...args: string[]) =>
    installation.command([group, 'create', '--organization', organization, ...args]).then(partyOf);
  const apiArgs = (identifier: string, name: string, scope: string) =>
    ['--identifier', identifier, '--name', name, '--scope', `${scope}=Read your ${name}`] as const;
  const api = await create('api', ...apiArgs(OPAQUE_API, 'Calendar', API_SCOPE));
  await create('api', ...apiArgs(JWT_API, 'Reports', JWT_SCOPE), '--token-format', 'jwt');
  const signsIn = ['openid', 'offline_access', API_SCOPE].flatMap((scope) => ['--scope', scope]);
  const interactive = ['--redirect-uri', REDIRECT_URI, '--resource', OPAQUE_API, '--first-party', ...signsIn];
  const resources = ['--resource', OPAQUE_API, '--resource', JWT_API];
  return {
    name: 'gatehouse',
    place: server.place,
    person,
    verifier,
    api,
    machine: await create('client', '--name', 'Machine', '--type', 'machine', ...resources),
    web: await create('client', '--name', 'Web app', '--type', 'web', ...interactive),
    browserApp: await create('client', '--name', 'Browser app', '--type', 'spa', ...interactive),
  };
}

/** Somebody with a verified address and an authenticator. */
export async function newPerson(installation: Installation, name: string): Promise<Person> {
  const email = `${name}@bench.example`;
  const password = randomBytes(15).toString('base64url');
  const args = ['--email', email, '--name', name, '--password-stdin', '--verified', '--totp'];
  const { id = '', otpauth_uri = '' } = await installation.command(
    ['account', 'create', ...args],
    `${password}\n`,
  );
  return { id, email, password, seed: new URL(otpauth_uri).searchParams.get('secret') ?? '' };
}

function partyOf({ client_id = '', client_secret }: Record<string, string>): Party {
  return client_secret === undefined ? { id: client_id } : { id: client_id, secret: client_secret };
}

/** The bare engine with the clients in its configuration. */
export function targetOfC0({ place }: RunningServer): Target {
  return { name: 'c0', place, verifier, ...C0_PARTIES };
}
