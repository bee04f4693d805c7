import { type Actor, isOperator } from '../../audit/actor.ts';
import { BRAND_NAME } from '../../platform/brand/brand.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { skeletonOf } from '../look-alikes.ts';
import { cleanName } from '../names.ts';

export type JudgedName =
  | {
      readonly ok: true;
      readonly name: string /** Equal where names look alike. */;
      readonly nameKey: string;
    }
  | Refused<'name'>;

/** Words of whoever runs the service: no name consists of them alone. */
const OURS = [
  'admin',
  'administrator',
  'support',
  'security',
  'system',
  'root',
  'account',
  'helpdesk',
  'staff',
  'team',
];
/** What only we can say of an app. */
const CLAIMS = ['official', 'verified', 'certified'];

/** A name that members give their app or organization: clean, and not one that people take for us. Operators may name theirs as they like. */
export function judgeAppName(
  { settings }: Pick<Platform, 'settings'>,
  actor: Actor,
  raw: string,
): JudgedName {
  const cleaned = cleanName(raw);
  if (!cleaned.ok) return refused('name', cleaned.sentence);
  const { name } = cleaned;
  const nameKey = skeletonOf(name);
  if (isOperator(actor)) return { ok: true, name, nameKey };
  const service = settings.get(BRAND_NAME);
  if (nameKey.includes(skeletonOf(service))) {
    return refused(
      'name',
      `The name must not contain ${service}, the name of this service. Use your own, such as Paper Planner.`,
    );
  }
  const words = name
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
    .map(skeletonOf);
  const claim = CLAIMS.find((word) => words.includes(skeletonOf(word)));
  if (claim) return refused('name', `Only an operator can call something ${claim}. Leave the word out.`);
  if (words.every((word) => OURS.some((our) => skeletonOf(our) === word))) {
    return refused(
      'name',
      'People would take this name for the service itself. Use your own, such as Paper Planner.',
    );
  }
  return { ok: true, name, nameKey };
}

/**
 * Whether a live app of another organization has a name that looks like this one, which members may then not take. Who
 * comes with an access code is none of its sponsor's people, so the sponsor's own apps are another organization's to
 * them. Those who take the same name at the same moment wait for each other here.
 */
export async function nameIsTaken(
  tx: Platform,
  actor: Actor,
  { nameKey, organizationId, sponsored = false }: WishedName,
): Promise<boolean> {
  if (isOperator(actor) || nameKey === '') return false;
  await tx.db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`app-name:${nameKey}`}, 0))`;
  const others = { nameKey, stage: 'live', organizationId: { not: organizationId } };
  const ofSponsor = { nameKey, organizationId, sponsored: false };
  const where = sponsored ? { OR: [others, ofSponsor] } : others;
  return (await tx.db.client.count({ where })) > 0;
}

interface WishedName {
  readonly nameKey: string;
  readonly organizationId: string;
  readonly sponsored?: boolean | undefined;
}

export const NAME_TAKEN = refused(
  'name',
  'A live app of another organization has a name that looks like this one. Choose one that people can tell apart.',
);
