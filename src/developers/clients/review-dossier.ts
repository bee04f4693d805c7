import { createHash } from 'node:crypto';
import { accountsNamed, type NamedAccount } from '../../accounts/account.ts';
import { UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { skeletonOf } from '../look-alikes.ts';
import { type ClaimedHost, hostIsProven, listHosts } from '../organizations/hosts.ts';
import { type ClientView, findClient, viewOf } from './client.ts';
import { type Presentation, presentationIn } from './presentation.ts';
import { type Review, reviewOf } from './reviews.ts';
import { checklistOf, type Step } from './stages.ts';

/** Everything an operator needs to decide what waits, read at one moment. */
export interface Dossier {
  readonly review: Review;
  readonly app: ClientView;
  readonly askedBy: NamedAccount | undefined;
  /** How the app will be once it is approved: of a change only what differs. */
  readonly wishes: Presentation;
  /** Where it will send people, and whether its organization has shown that the host is its own. */
  readonly redirects: readonly { readonly uri: string; readonly host: string; readonly proven: boolean }[];
  readonly hosts: readonly ClaimedHost[];
  readonly lookAlikes: readonly ClientView[];
  /** Only of an app that wants to go live. */
  readonly checklist: readonly Step[];
  /** What was decided about apps of this organization, the newest first. */
  readonly earlier: readonly (Review & { readonly appName: string })[];
  /** Stands for all that is shown here: whoever decides with it decides on what they saw. */
  readonly mark: string;
}

const SHOWN = 20;

/** undefined where no review has this id. */
export async function openDossier(platform: Platform, reviewId: string): Promise<Dossier | undefined> {
  if (!UUID.test(reviewId)) return undefined;
  const row = await platform.db.clientReview.findUnique({ where: { id: reviewId } });
  const app = row && (await findClient(platform, row.clientId));
  if (!row || !app) return undefined;
  const review = reviewOf(row);
  const wishes = review.kind === 'change' ? presentationIn(review.wishes) : {};
  const [people, redirects, hosts, lookAlikes, checklist, earlier] = await Promise.all([
    accountsNamed(platform, [review.askedBy]),
    redirectsOf(platform, app, wishes),
    listHosts(platform, app.organizationId),
    looksLike(platform, app, wishes.name?.name ?? app.name),
    review.kind === 'live' ? checklistOf(platform, app) : [],
    decidedBefore(platform, app.organizationId, review.id),
  ]);
  const askedBy = people.get(review.askedBy);
  const mark = markOf(app, review);
  return { review, app, askedBy, wishes, redirects, hosts, lookAlikes, checklist, earlier, mark };
}

/**
 * Changes with everything of an app that an operator judges. An app in development may be changed while somebody looks
 * at it: an approval of the harmless one must not let the other one through.
 */
export function markOf(app: ClientView, { id, wishes }: Pick<Review, 'id' | 'wishes'>): string {
  const { name, type, logo, redirectUris, scopes, resources, homepageUri, privacyUri, termsUri } = app;
  const seen = [id, wishes, name, type, logo, redirectUris, scopes, resources];
  const all = JSON.stringify([...seen, homepageUri, privacyUri, termsUri]);
  return createHash('sha256').update(all).digest('base64url').slice(0, 22);
}

async function redirectsOf(platform: Platform, app: ClientView, wishes: Presentation) {
  const uris = (wishes.redirectUris ?? app.redirectUris).map((uri) => ({ uri, host: hostIn(uri) }));
  const proven = new Map<string, boolean>();
  for (const { host } of uris) {
    if (!proven.has(host)) proven.set(host, await hostIsProven(platform, app.organizationId, host));
  }
  return uris.map(({ uri, host }) => ({ uri, host, proven: proven.get(host) === true }));
}

/** Empty for a scheme of the app's own. */
function hostIn(uri: string): string {
  return URL.canParse(uri) ? new URL(uri).hostname : '';
}

/** Other apps with a name that people take for this one, the verified first. */
async function looksLike({ db }: Platform, app: ClientView, name: string): Promise<ClientView[]> {
  const nameKey = skeletonOf(name);
  if (nameKey === '') return [];
  const rows = await db.client.findMany({
    where: { nameKey, NOT: { id: app.id } },
    orderBy: [{ verifiedAt: { sort: 'desc', nulls: 'last' } }, { id: 'asc' }],
    take: SHOWN,
    include: { organization: true },
  });
  return rows.map(viewOf);
}

async function decidedBefore({ db }: Platform, organizationId: string, but: string) {
  const rows = await db.clientReview.findMany({
    where: {
      ...{ client: { organizationId }, NOT: { id: but } },
      outcome: { in: ['approved', 'refused'] },
    },
    orderBy: { decidedAt: 'desc' },
    take: SHOWN,
    include: { client: { select: { name: true } } },
  });
  return rows.map(({ client, ...row }) => ({ ...reviewOf(row), appName: client.name }));
}

/** The picture that waits with a change, as PNG; undefined where there is none. */
export async function waitingLogo({ db }: Platform, reviewId: string): Promise<Buffer | undefined> {
  if (!UUID.test(reviewId)) return undefined;
  const row = await db.clientReview.findUnique({ where: { id: reviewId, kind: 'change' } });
  return row ? presentationIn(row.wishes as Record<string, unknown>).logo?.png : undefined;
}
