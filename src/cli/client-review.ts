import type { Command } from 'commander';
import {
  type Decided,
  decideReview,
  listWaitingReviews,
  type WaitingReview,
} from '../developers/clients/decide-review.ts';
import { carryOut } from './carry-out.ts';
import type { CliContext } from './context.ts';
import { table } from './output.ts';

/** What members of organizations ask of operators: going live, a checked publisher, another face of a live app. */
export function registerClientReview(client: Command, cli: CliContext): void {
  const group = client.command('review').description('what apps wait for an operator with');
  group
    .command('list')
    .description('lists what waits, the oldest first')
    .action(() => listFrom(cli));
  group
    .command('approve')
    .description('does what was asked for, and tells the owners')
    .requiredOption('--review <id>', 'the review')
    .option('--note <sentence>', 'what the owners read')
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

function wished(review: WaitingReview): string {
  return Object.entries(inWords(review))
    .map(([field, value]) => `${field}: ${Array.isArray(value) ? value.join(' ') : value}`)
    .join('; ');
}

/** What an operator decides on; of a picture, that there is one. */
function inWords({ wishes }: WaitingReview): Record<string, unknown> {
  const { host, name, logo, redirectUris } = wishes;
  return {
    ...(host !== undefined && { host }),
    ...(name !== undefined && { name: (name as { name: string }).name }),
    ...(logo !== undefined && { logo: logo ? 'a new picture' : 'removed' }),
    ...(redirectUris !== undefined && { redirect_uris: redirectUris }),
  };
}

async function decideFrom({ review, note }: DecideOptions, approve: boolean, cli: CliContext): Promise<void> {
  const decided = await carryOut(cli, decideReview, { review, approve, note });
  cli.answer(
    answerOf(decided),
    `${approve ? 'Approved' : 'Refused'}. The owners of ${decided.app.name} are told.`,
  );
}

function answerOf({ review, app }: Extract<Decided, { ok: true }>): Record<string, unknown> {
  return {
    ...{ id: review.id, kind: review.kind, outcome: review.outcome },
    ...{ client_id: app.id, stage: app.stage, verified_host: app.verifiedHost },
  };
}
