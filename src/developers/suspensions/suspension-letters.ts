import { findAccount } from '../../accounts/account.ts';
import { BY_OPERATOR, type Suspension } from '../../defense/suspensions/suspension.ts';
import { renderLetter } from '../../platform/mail/letters.ts';
import { queueLetter } from '../../platform/mail/outbox.ts';
import { unlinked } from '../../platform/mail/unlinked.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Said, Words } from '../../platform/words/text-keys.ts';
import { findApiById } from '../apis/api.ts';
import { findClient } from '../clients/client.ts';
import { tellOwners } from '../notices.ts';
import { findOrganization } from '../organizations/organization.ts';
import type { Role } from '../organizations/roles.ts';
import { organizationPath } from '../portal-page.ts';

/** What became of a suspension. What a rule only watches nobody is written about, nor what was replaced. */
export type SuspensionNews = 'slow' | 'pause' | 'human' | 'ended' | 'appeal-granted' | 'appeal-refused';

const READERS: readonly Role[] = ['owner', 'security'];

/** Whom it stops, by name, and who reads of it. */
interface Concerned {
  readonly names: Readonly<Record<string, string>>;
  readonly organizationId?: string;
  readonly accountId?: string;
}

/**
 * Tells the owners and the security contacts of what is suspended, or the person whose account it is. Part of the change
 * that marks it as told. Cause and evidence stay on the page that the letter leads to.
 */
export async function tellOfSuspension(
  tx: Platform,
  news: SuspensionNews,
  suspension: Suspension,
): Promise<number> {
  const concerned = await concernedBy(tx, suspension);
  if (!concerned) return 0;
  const { organizationId, accountId } = concerned;
  const data = {
    subject: subjectOf(news),
    what: whatOf(news, suspension, concerned.names),
    more: moreOf(news, suspension),
  };
  const { issuer } = tx.config;
  if (organizationId) {
    const address = `${issuer}${organizationPath(organizationId)}/suspensions/${suspension.id}`;
    return tellOwners(tx, organizationId, { letter: 'suspension-news', data: { ...data, address } }, READERS);
  }
  const account = await findAccount(tx, String(accountId));
  if (!account) return 0;
  // Whoever signs in to a paused account is led to the page that says so.
  const address = `${issuer}${suspension.kind === 'account' ? '/account' : '/account/apps'}`;
  const letter = renderLetter(tx, 'suspension-news', { ...data, address }, account.locale);
  await queueLetter(tx, { to: account.email, ...letter });
  return 1;
}

async function concernedBy(tx: Platform, suspension: Suspension): Promise<Concerned | undefined> {
  const { kind, clientId, apiId, accountId, organizationId } = suspension;
  const client = clientId === null ? undefined : await findClient(tx, clientId);
  const api = apiId === null ? undefined : await findApiById(tx, apiId);
  const names = { app: unlinked(client?.name ?? ''), api: unlinked(api?.name ?? '') };
  if (kind === 'grant' || kind === 'account') return { names, accountId: String(accountId) };
  if (kind === 'organization') {
    const organization = await findOrganization(tx, String(organizationId));
    return (
      organization && {
        names: { organization: unlinked(organization.name) },
        organizationId: organization.id,
      }
    );
  }
  const owner = kind === 'api' ? api : client;
  return owner && { names, organizationId: owner.organizationId };
}

function subjectOf(news: SuspensionNews): Words {
  if (news === 'ended' || news === 'appeal-granted') return 'suspension-letters.subject-ended';
  return news === 'appeal-refused' ? 'suspension-letters.subject-refused' : 'suspension-letters.subject';
}

function whatOf(news: SuspensionNews, suspension: Suspension, names: Concerned['names']): Words {
  const { kind, pausedUntil, until } = suspension;
  const end = news === 'slow' ? until : pausedUntil;
  const ends: Said = end
    ? { key: 'suspension-letters.until', values: { until: end } }
    : { key: 'suspension-letters.until-human' };
  switch (news) {
    case 'slow':
      return {
        key: `suspension-letters.slow-${sizeOf(kind)}`,
        values: { ...names, ...(end && { until: end }) },
      };
    case 'pause':
    case 'human':
      if (isOfPerson(suspension)) return { key: 'suspension-letters.by-operator', values: { ends } };
      return {
        key: `suspension-letters.paused-${kind as PausedKind}`,
        values: { ...names, ends },
      };
    case 'appeal-refused':
      return 'suspension-letters.refused';
    default:
      return { key: `suspension-letters.ended-${sizeOf(kind)}`, values: names };
  }
}

type PausedKind = Exclude<Suspension['kind'], 'network'>;

/** What an operator decided about a person, who has no page to appeal on: the letter says why, and how to object. */
function isOfPerson({ kind, rule }: Suspension): boolean {
  return kind === 'account' && rule === BY_OPERATOR;
}

/** Texts about what goes on again need not say how much of it was paused. */
function sizeOf(kind: Suspension['kind']): 'app' | 'other' {
  return kind.startsWith('access') || kind === 'client' ? 'app' : 'other';
}

/** How long tokens that nothing takes back go on, and what follows a pause. */
function moreOf(news: SuspensionNews, suspension: Suspension): Words[] {
  const { outlivingTokens, outlivingUntil, kind, note, pausedUntil, until } = suspension;
  if (news === 'slow') return ['suspension-letters.slow-follows'];
  if (news !== 'pause' && news !== 'human') return [];
  const outliving: Words[] =
    outlivingTokens > 0 && outlivingUntil
      ? [{ key: 'suspension-letters.outliving', values: { count: outlivingTokens, until: outlivingUntil } }]
      : [];
  // Only what rules paused goes on slowly at first; what people end is whole again at once.
  const slowly = pausedUntil !== null && until !== null && until > pausedUntil;
  const nothingLost: Words =
    sizeOf(kind) === 'app' && slowly
      ? 'suspension-letters.nothing-lost'
      : 'suspension-letters.nothing-lost-other';
  const why: Words[] = note ? [{ key: 'suspension-letters.reason', values: { reason: unlinked(note) } }] : [];
  const toPerson: Words[] = isOfPerson(suspension) ? [...why, 'suspension-letters.object'] : [];
  return [...toPerson, nothingLost, ...outliving];
}
