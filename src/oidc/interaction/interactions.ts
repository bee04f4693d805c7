import type Provider from 'oidc-provider';
import type { Client, Interaction, InteractionResults } from 'oidc-provider';
import { secondFactorsOf, strongestAcr } from '../../accounts/credentials/second-factors.ts';
import { readSession } from '../../accounts/sessions/session-cookie.ts';
import type { LiveSession } from '../../accounts/sessions/sessions.ts';
import { reaches, strengthFor } from '../../accounts/sign-in/strength.ts';
import { epochSeconds } from '../../platform/clock.ts';
import { Refusal } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context } from '../../platform/web/context.ts';
import { noteLanguageWishes } from '../../platform/web/language.ts';
import { sectorOf } from '../../developers/clients/registered-client.ts';
import { subjectFor } from '../account-claims.ts';
import { closedToAccount } from '../admission.ts';
import { registered } from '../registered-clients.ts';
import type { InteractionFacts } from './next-step.ts';
import { ADMISSION, subjectOfHint } from './policy.ts';
import { wantedAcr as wantedAcrOf } from './step-up.ts';

/** An interaction of this browser, with the app that started it. */
export interface OpenInteraction {
  readonly interaction: Interaction;
  readonly client: Client;
}

/** Where the dispatcher of this interaction answers; its other pages lie below. */
export function interactionPath({ uid }: { readonly uid: string }): string {
  return `/interaction/${uid}`;
}

/** `ui_locales`, as the app sent it. */
export function askedLanguage({ params }: Interaction): string | undefined {
  return typeof params.ui_locales === 'string' ? params.ui_locales : undefined;
}

/**
 * The interaction named in the path, if this very browser holds its signed cookie. Throws a Refusal when it has
 * ended or belongs to another browser: the app has to start again.
 */
export async function openInteraction(provider: Provider, ctx: Context): Promise<OpenInteraction> {
  const [, , uid = ''] = ctx.path.split('/');
  const cookie = ctx.cookies.get(provider.cookieName('interaction'), { signed: true });
  const interaction = cookie === uid ? await provider.Interaction.find(uid) : undefined;
  if (!interaction) throw new Refusal('gone', 'protocol.sign-in-ended');
  const client = await provider.Client.find(String(interaction.params.client_id));
  if (!client) throw new Refusal('gone', 'protocol.app-gone');
  noteLanguageWishes(ctx, { asked: askedLanguage(interaction) });
  return { interaction, client };
}

/** Answers the engine's question and returns the address where it goes on. */
export async function answerInteraction(
  { clock }: Platform,
  { interaction }: OpenInteraction,
  result: InteractionResults,
): Promise<string> {
  interaction.result = 'error' in result ? result : { ...interaction.lastSubmission, ...result };
  await interaction.save(interaction.exp - epochSeconds(clock.now()));
  return interaction.returnTo;
}

/** What nextStep() needs to know. */
export async function interactionFacts(
  platform: Platform,
  ctx: Context,
  { interaction, client }: OpenInteraction,
): Promise<InteractionFacts> {
  const { params, prompt } = interaction;
  const now = platform.clock.now();
  const found = await readSession(platform, ctx);
  const session = found && { ...found, ...strengthFor(found, client.clientId, now) };
  const hinted = subjectOfHint(params.id_token_hint);
  const sector = sectorOf(registered(client));
  return {
    prompt: { name: prompt.name, reasons: prompt.reasons },
    signedInBefore: signedInBefore(prompt.details),
    now: epochSeconds(now),
    maxAge: params.max_age === undefined ? undefined : Number(params.max_age),
    hint: addressIn(params.login_hint),
    isHintedAccount:
      hinted === undefined || !session || subjectFor(platform, session.accountId, sector) === hinted,
    ...(await strengthFacts(platform, params.acr_values, session)),
    session,
    ...(session &&
      prompt.name === ADMISSION && {
        closed: await closedToAccount(platform, session.accountId, registered(client)),
      }),
  };
}

/** What a person could prove is only looked up where they have proven too little. */
async function strengthFacts(
  platform: Platform,
  acrValues: unknown,
  session: LiveSession | undefined,
): Promise<Pick<InteractionFacts, 'wantedAcr' | 'strongestAcr'>> {
  const wantedAcr = wantedAcrOf(acrValues);
  if (!session || !wantedAcr || reaches(session.acr, wantedAcr)) return { wantedAcr };
  return { wantedAcr, strongestAcr: strongestAcr(await secondFactorsOf(platform, session.accountId)) };
}

/** What a login_hint can prefill is an email address, and those have an end (RFC 5321 §4.5.3.1.3). */
function addressIn(hint: unknown): string | undefined {
  return typeof hint === 'string' && hint.length <= LONGEST_ADDRESS ? hint : undefined;
}

const LONGEST_ADDRESS = 254;

/** Kept by the prompts in policy.ts when the interaction began. */
function signedInBefore(details: Record<string, unknown>): number | undefined {
  return typeof details.signed_in_at === 'number' ? details.signed_in_at : undefined;
}
