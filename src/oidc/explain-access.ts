import { findAccount, findAccountByAddress } from '../accounts/account.ts';
import { type AccessInputs, loadAccessInputs } from '../developers/access/access-inputs.ts';
import { isOwnApi, liveAccesses } from '../developers/access/access-standing.ts';
import { type AccessDecision, decideAccess } from '../developers/access/decide-access.ts';
import { peopleToday } from '../developers/access/people-cap.ts';
import { IDENTITY_SCOPES } from '../developers/apis/scopes/scopes.ts';
import { loadRegisteredClient, type RegisteredClient } from '../developers/clients/registered-client.ts';
import { UUID } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import { liveConsents } from '../tokens/consents.ts';
import { CLOSED, closedTo } from './admission.ts';

export interface Question {
  readonly clientId: string;
  readonly resource: string;
  /** Undefined asks for all it may have. */
  readonly scopes?: readonly string[] | undefined;
  /** An id or an address. */
  readonly account?: string | undefined;
}

/** One thing that was looked at. `fine` is undefined where it neither lets in nor keeps out. */
export interface ExplainedFact {
  readonly about: 'access' | 'people' | 'token' | 'sign-in' | 'account' | 'consent';
  readonly fine: boolean | undefined;
  readonly sentence: string;
}

export interface Explanation {
  /** A token would be issued, as far as can be known without a request. */
  readonly allowed: boolean;
  readonly reason: string | undefined;
  /** The one that decideAccess gives the app, or the first other reason. */
  readonly sentence: string;
  readonly facts: readonly ExplainedFact[];
}

/** Why an app may use an API, or why not, and with whose consent: what the protocol would decide now. */
export async function explainAccess(platform: Platform, question: Question): Promise<Explanation> {
  const { clientId, resource, scopes } = question;
  const inputs = await loadAccessInputs(platform, clientId, resource);
  const client = await loadRegisteredClient(platform, clientId);
  if (client?.kind !== 'app')
    return no('unknown-client', 'No app has this client ID. Compare it with the list of apps.');
  const apiScopes = scopes?.filter((name) => !IDENTITY_SCOPES.has(name));
  const decision = decideAccess(inputs, apiScopes, platform.clock.now());
  if (!inputs || !decision.allowed) return no(decision.allowed ? '' : decision.reason, sentenceOf(decision));
  const facts = [
    ...(await factsOfAccess(platform, inputs, decision)),
    ...(question.account === undefined
      ? []
      : await factsOfAccount(platform, client, decision, question.account)),
  ];
  const against = facts.find(({ fine }) => fine === false);
  const names = decision.scopes.join(' ') || 'no scope';
  const yes = `${client.name} may ask for ${names} at ${decision.api.identifier}.`;
  return {
    allowed: against === undefined,
    reason: against?.about,
    sentence: against?.sentence ?? yes,
    facts,
  };
}

function no(reason: string, sentence: string): Explanation {
  return { allowed: false, reason, sentence, facts: [] };
}

function sentenceOf(decision: AccessDecision): string {
  return decision.allowed ? '' : decision.sentence;
}

type Allowed = Extract<AccessDecision, { allowed: true }>;

async function factsOfAccess(
  platform: Platform,
  inputs: AccessInputs,
  { api, scopes, peoplePerDay }: Allowed,
): Promise<ExplainedFact[]> {
  const facts: ExplainedFact[] = isOwnApi(inputs)
    ? [fact('access', 'The API belongs to the organization of the app, which uses it in full.')]
    : liveAccesses(inputs, platform.clock.now()).map(({ id, origin, scopes: held, until }) =>
        fact(
          'access',
          `Access ${id} (${origin}) gives ${held.join(' ')} ${until ? `until ${until.toISOString()}` : 'without an end'}.`,
        ),
      );
  if (peoplePerDay !== null) {
    const today = (await peopleToday(platform, api.id, [inputs.client.id])).get(inputs.client.id) ?? 0;
    const room = today < peoplePerDay ? 'more may come' : 'only they go on today';
    facts.push(
      fact('people', `It may reach ${peoplePerDay} people a day (UTC) and reached ${today} today: ${room}.`),
    );
  }
  const restricted = api.scopes.find(
    ({ name, sensitivity }) => sensitivity === 'restricted' && scopes.includes(name),
  );
  if (restricted)
    facts.push(fact('token', `${restricted.name} needs a token that is bound to a key (DPoP).`));
  if (api.minimumAcr !== null) {
    facts.push(fact('sign-in', `The API asks for a sign-in of ${api.minimumAcr} at least.`));
  }
  return facts;
}

function fact(about: ExplainedFact['about'], sentence: string, fine?: boolean): ExplainedFact {
  return { about, fine, sentence };
}

/** The fences around a person, then what they allowed. */
async function factsOfAccount(
  platform: Platform,
  client: RegisteredClient,
  { api, scopes }: Allowed,
  named: string,
): Promise<ExplainedFact[]> {
  const id = UUID.test(named) ? named : (await findAccountByAddress(platform, named))?.id;
  const account = id === undefined ? undefined : await findAccount(platform, id);
  if (!account) return [fact('account', 'Nobody has an account with this ID or address.', false)];
  const closed = await closedTo(platform, account, client);
  if (closed) return [fact('account', CLOSED[closed], false)];
  if (account.closesAt) return [fact('account', 'This account is being closed: no app may use it.', false)];
  const open = fact('account', 'The app is open to this account.', true);
  return [open, await factOfConsent(platform, client, { resource: api.identifier, scopes }, account.id)];
}

async function factOfConsent(
  platform: Platform,
  { id: clientId, firstParty }: RegisteredClient,
  { resource, scopes }: { resource: string; scopes: readonly string[] },
  accountId: string,
): Promise<ExplainedFact> {
  if (firstParty)
    return fact('consent', 'The app is part of this service: nobody is asked for consent.', true);
  const consents = await liveConsents(platform, accountId, clientId);
  const allowed = consents.find((consent) => consent.resource === resource)?.scopes ?? [];
  const missing = scopes.filter((name) => !allowed.includes(name));
  if (missing.length === 0) return fact('consent', 'The person allowed the app all of it.', true);
  return fact(
    'consent',
    `The person has not allowed ${missing.join(' ')} yet: the app has to send them to the authorization endpoint.`,
  );
}
