import type { Command } from 'commander';
import { decideAsOperator } from '../admin/reviews/decide.ts';
import { listWaitingReviews, type WaitingReview } from '../developers/clients/decide-review.ts';
import { openDossier } from '../developers/clients/review-dossier.ts';
import type { Review } from '../developers/clients/reviews.ts';
import { carryOut } from './carry-out.ts';
import { clientFacts, clientObject } from './client-text.ts';
import { type CliContext, CommandFault } from './context.ts';
import { aligned, listed, table } from './output.ts';

/** What members of organizations ask of operators: going live, a checked publisher, another face of a live app. */
export function registerClientReview(client: Command, cli: CliContext): void {
  const group = client.command('review').description('what apps wait for an operator with');
  group
    .command('list')
    .description('lists what waits, the oldest first')
    .action(() => listFrom(cli));
  group
    .command('show')
    .description('shows everything it takes to decide')
    .requiredOption('--review <id>', 'the review')
    .action(({ review }: { review: string }) => showFrom(review, cli));
  group
    .command('approve')
    .description('does what was asked for, and tells the owners; of a publisher, asks a second person')
    .requiredOption('--review <id>', 'the review')
    .option('--note <sentence>', 'what the owners read')
    .option('--mark <mark>', 'from review show: refuses where the app is another one by now')
    .option('--reason <sentence>', 'of a publisher: why we can say so; the second person reads it')
    .action((options: DecideOptions) => decideFrom(options, true, cli));
  group
    .command('refuse')
    .description('leaves the app as it is, and tells the owners why')
    .requiredOption('--review <id>', 'the review')
    .requiredOption('--note <sentence>', 'why: the owners read it')
    .action((options: DecideOptions) => decideFrom(options, false, cli));
}

interface DecideOptions {
  review: string;
  note?: string;
  mark?: string;
  reason?: string;
}

async function listFrom(cli: CliContext): Promise<void> {
  const reviews = await cli.withPlatform((platform) => listWaitingReviews(platform));
  const rows = reviews.map((review) => [
    ...[review.id, review.kind, review.clientId, review.askedAt.toISOString()],
    `${review.appName} (${review.organizationName}) ${wished(review)}`.trim(),
  ]);
  cli.answer(
    { reviews: reviews.map(reviewObject) },
    ...(reviews.length === 0
      ? ['Nothing waits.']
      : table(['REVIEW', 'KIND', 'CLIENT ID', 'ASKED', 'APP'], rows)),
  );
}

function reviewObject(review: WaitingReview): Record<string, unknown> {
  return {
    ...{ id: review.id, kind: review.kind, client_id: review.clientId, name: review.appName },
    ...{ organization_name: review.organizationName, asked_by: review.askedBy, wishes: inWords(review) },
    asked_at: review.askedAt.toISOString(),
  };
}

function wished(review: Review): string {
  return Object.entries(inWords(review))
    .map(([field, value]) => `${field}: ${Array.isArray(value) ? value.join(' ') : value}`)
    .join('; ');
}

/** What an operator decides on; of a picture, that there is one. */
function inWords({ wishes }: Review): Record<string, unknown> {
  const { host, name, logo, redirectUris } = wishes;
  return {
    ...(host !== undefined && { host }),
    ...(name !== undefined && { name: (name as { name: string }).name }),
    ...(logo !== undefined && { logo: logo ? 'a new picture' : 'removed' }),
    ...(redirectUris !== undefined && { redirect_uris: redirectUris }),
  };
}

async function showFrom(review: string, cli: CliContext): Promise<void> {
  const dossier = await cli.withPlatform((platform) => openDossier(platform, review));
  if (!dossier) throw new CommandFault('No review has this ID. See: client review list');
  const { app, mark, redirects, lookAlikes } = dossier;
  const hosts = dossier.hosts.filter(({ provenAt }) => provenAt).map(({ host }) => host);
  const alike = lookAlikes.map(({ id, name, organizationName }) => `${name} (${organizationName}, ${id})`);
  const missing = dossier.checklist.filter(({ done }) => !done).map(({ id }) => id);
  cli.answer(
    {
      ...{ ...reviewFacts(dossier.review), app: clientObject(app), proven_hosts: hosts, mark },
      ...{ look_alikes: lookAlikes.map(({ id }) => id), missing },
      redirects: redirects.map(({ uri, proven }) => ({ uri, host_proven: proven })),
    },
    ...aligned([
      ...([['Asks for', `${dossier.review.kind} ${wished(dossier.review)}`.trim()]] as const),
      ...clientFacts(app),
      ['Sends people to', listed(redirects.map(({ uri, proven }) => (proven ? `${uri} (proven)` : uri)))],
      ['Proven hosts', listed(hosts)],
      ['Names like it', listed(alike)],
      ...(missing.length > 0 ? ([['Still missing', listed(missing)]] as const) : []),
      ['Mark', mark],
    ]),
    `Next: client review approve --review ${review} --mark ${mark}`,
  );
}

function reviewFacts({ id, kind, outcome, note, askedAt }: Review): Record<string, unknown> {
  return { id, kind, outcome, note, asked_at: askedAt.toISOString() };
}

async function decideFrom(
  { review, ...options }: DecideOptions,
  approve: boolean,
  cli: CliContext,
): Promise<void> {
  const decided = await carryOut(cli, decideAsOperator, { review, approve, ...options });
  if (decided.outcome === 'asked') {
    const due = decided.dueAt?.toISOString();
    return cli.answer(
      { id: review, outcome: 'asked', act: decided.act, due_at: due ?? null },
      `Asked a second person to say who publishes ${decided.appName}.`,
      due
        ? `Nobody else could confirm it: it is done at ${due}, unless withdrawn.`
        : 'They find it with: act list',
    );
  }
  const app = await cli.withPlatform((platform) => openDossier(platform, review));
  cli.answer(
    {
      ...{ id: review, kind: app?.review.kind, outcome: decided.outcome },
      ...{ client_id: app?.app.id, stage: app?.app.stage },
    },
    `${approve ? 'Approved' : 'Refused'}. The owners of ${decided.appName} are told.`,
  );
}
