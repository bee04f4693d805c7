import { domainToASCII } from 'node:url';
import { z } from 'zod';
import type { Platform } from '../platform/platform.ts';
import { defineSetting } from '../platform/settings.ts';

/** From the strictest down. */
export const FACTOR_POLICIES = ['everybody', 'members', 'optional'] as const;
export type FactorPolicy = (typeof FACTOR_POLICIES)[number];

/** Who needs a second factor. Operators always do. A trust domain may ask its accounts for more. */
export const SECOND_FACTOR = defineSetting<FactorPolicy>({
  name: 'second-factor',
  schema: z.enum(FACTOR_POLICIES),
  fallback: 'everybody',
  about:
    'Who needs a second factor to sign in: everybody, members (of organizations), or optional. A trust domain may ask for more.',
});

/** Whether the first lets accounts in with less than the second. */
export function asksForLess(one: FactorPolicy, other: FactorPolicy): boolean {
  return FACTOR_POLICIES.indexOf(one) > FACTOR_POLICIES.indexOf(other);
}

/** Who may create an account. A sign-up pass admits its holder whatever this says. */
export const SIGN_UP = defineSetting({
  name: 'sign-up',
  schema: z.enum(['open', 'invitation', 'domains']),
  fallback: 'open',
  about: 'Who may create an account: open (everybody), invitation, or domains (of sign-up.domains).',
});

export const mailDomain = z
  .string()
  .transform((written) => domainToASCII(written.trim().replace(/^@/, '')).toLowerCase())
  .refine((host) => /^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(host), 'a mail domain looks like example.com');

/** Each exactly as it stands behind the @: a subdomain is another domain. */
export const SIGN_UP_DOMAINS = defineSetting({
  name: 'sign-up.domains',
  schema: z.array(mailDomain).max(200),
  fallback: [],
  about:
    'Mail domains that may sign up where sign-up is domains, such as example.com,example.org. Not their subdomains.',
});

/** "Don't ask again on this browser for 30 days": stands in for the second factor at sign-in alone. */
export const TRUSTED_BROWSERS = defineSetting({
  name: 'trusted-browsers',
  schema: z.boolean(),
  fallback: false,
  about: 'Whether people may skip the second factor for 30 days on a browser they trust: true or false.',
});

const LENGTH_WITH_SECOND_FACTOR = 8;
const LENGTH_ALONE = 15;

/** NIST SP 800-63B-4 §3.1.1.2: eight characters beside a second factor, fifteen where the password may stand alone. */
export function shortestPassword({ settings }: Platform): number {
  return settings.get(SECOND_FACTOR) === 'everybody' ? LENGTH_WITH_SECOND_FACTOR : LENGTH_ALONE;
}

/**
 * Whether this account has to have a second factor. `member`: an obligation of an upper floor says so. `domains`: what
 * its trust domains ask for; the strictest of them and of the installation counts.
 */
export function needsSecondFactor(
  { settings }: Platform,
  {
    operator,
    member,
    domains = [],
  }: {
    readonly operator: boolean;
    readonly member: boolean;
    readonly domains?: readonly (FactorPolicy | null)[];
  },
): boolean {
  const asked = [settings.get(SECOND_FACTOR), ...domains];
  const policy = FACTOR_POLICIES.find((each) => asked.includes(each));
  return policy === 'everybody' || operator || (policy === 'members' && member);
}
