import type { Interaction } from 'oidc-provider';
import { z } from 'zod';
import { findAccount } from '../../accounts/account.ts';
import { accountActor } from '../../accounts/actor.ts';
import { readSession } from '../../accounts/sessions/session-cookie.ts';
import type { LiveSession } from '../../accounts/sessions/sessions.ts';
import { signInPath } from '../../accounts/sign-in/sign-in-ticket.ts';
import { loadRegisteredClient } from '../../developers/clients/registered-client.ts';
import { appOf, appPath } from '../../developers/clients/require-app.ts';
import { memberOf } from '../../developers/organizations/require-member.ts';
import { Refusal } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { speakOnly } from '../../platform/web/language.ts';
import { renderPage } from '../../platform/web/render.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { LANGUAGES } from '../../platform/words/texts.ts';
import { ALL_END_CHOICES } from '../../tokens/consent-ends.ts';
import { CLOSED } from '../admission.ts';
import type { Engine } from '../provider.ts';
import { registered } from '../registered-clients.ts';
import { allowRequest, type ConsentRequest, describeConsent } from './consent.ts';
import type { ConsentChoice } from './consent-choice.ts';
import {
  answerInteraction,
  askedLanguage,
  interactionFacts,
  interactionPath,
  type OpenInteraction,
  openInteraction,
} from './interactions.ts';
import { type NextStep, nextStep } from './next-step.ts';
import { UNMET } from './step-up.ts';

/**
 * GET /interaction/:uid/consent: the page on which a person decides. Its button works for this interaction,
 * session and app alone. Where something else comes first, the dispatcher says what.
 */
export function showConsent(platform: Platform, engine: Engine): Handler {
  return async (ctx) => {
    const open = await openInteraction(engine.provider, ctx);
    const { interaction, client } = open;
    const facts = await interactionFacts(platform, ctx, open);
    const { session } = facts;
    if (!session || nextStep(facts).step !== 'consent') return seeOther(ctx, interactionPath(interaction));
    const app = registered(client);
    const account = await findAccount(platform, session.accountId);
    const request = await describeConsent(
      platform,
      session.accountId,
      app,
      interaction,
      ctx.state.language.code,
    );
    const data = {
      account: { name: account?.name, email: account?.email },
      request,
      otherAccountPath: signInPath(platform, {
        returnTo: interactionPath(interaction),
        title: app.name,
        locale: askedLanguage(interaction),
        switchAccount: true,
      }),
    };
    renderPage(ctx, 'oidc/interaction/consent', data, {
      formPurpose: purposeOf(interaction, session, request),
    });
  };
}

const Preview = z.object({ language: z.enum(LANGUAGES).catch('en') });

/**
 * GET …/apps/:client/consent-preview?language=…: the same page for the app's own members, with everything the app has
 * registered. There is no interaction behind it, nothing is read of anybody's consent, and nothing can be sent from it.
 */
export function showConsentPreview(platform: Platform): Handler {
  return async (ctx) => {
    const { language } = Preview.parse({ ...ctx.query });
    speakOnly(ctx, [language]);
    const { accountId } = memberOf(ctx);
    const app = await loadRegisteredClient(platform, appOf(ctx).id);
    const [redirectUri] = app?.redirectUris ?? [];
    if (!app || redirectUri === undefined) throw new Refusal('not-found', 'portal.nothing-here');
    const scope = app.scopes.length > 0 ? app.scopes.join(' ') : 'openid profile email';
    const params = { scope, resource: app.resources, redirect_uri: redirectUri };
    const account = await findAccount(platform, accountId);
    const request = await describeConsent(platform, NOBODY, app, { params }, language);
    renderPage(ctx, 'oidc/interaction/consent', {
      ...{
        request,
        account: { name: account?.name, email: account?.email },
        preview: `${appPath(appOf(ctx))}/branding`,
      },
      otherAccountPath: ctx.url,
    });
  };
}

/** Has allowed nothing. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

/** The boxes of optional scopes are read by name from what else the form holds. */
const Decision = z
  .object({
    decision: z.enum(['allow', 'cancel']),
    end: z.enum([...ALL_END_CHOICES, 'as-before']).default('as-before'),
    access: z.enum(['full', 'read']).default('full'),
  })
  .catchall(z.string());

/** POST /interaction/:uid/consent: Allow or Cancel. */
export function decide(platform: Platform, engine: Engine): Handler {
  return async (ctx) => {
    const open = await openInteraction(engine.provider, ctx);
    const { interaction, client } = open;
    const session = await readSession(platform, ctx);
    // Signed out or expired in the meantime, or no consent was asked: the dispatcher knows what comes next.
    if (!session || interaction.prompt.name !== 'consent') return seeOther(ctx, interactionPath(interaction));
    const { accountId } = session;
    const request = await describeConsent(
      platform,
      accountId,
      registered(client),
      interaction,
      ctx.state.language.code,
    );
    const form = await readForm(ctx, Decision, { formPurpose: purposeOf(interaction, session, request) });
    if (!form.ok || form.value.decision === 'cancel') return cancel(platform, ctx, open);
    const answer = await allowRequest(platform, accountActor(ctx, accountId), {
      accountId,
      clientId: client.clientId,
      request,
      choice: choiceIn(form.value),
    });
    if (!answer) return cancel(platform, ctx, open);
    seeOther(ctx, await answerInteraction(platform, open, { consent: { ...answer } }));
  };
}

function choiceIn({ end, access, decision: _, ...boxes }: z.infer<typeof Decision>): ConsentChoice {
  const ticked = Object.keys(boxes).filter((name) => boxes[name] === 'on');
  return { end, readOnly: access === 'read', ticked: new Set(ticked) };
}

/** POST /interaction/:uid/cancellation: back to the app without an answer to its question. */
export function cancelInteraction(platform: Platform, engine: Engine): Handler {
  return async (ctx) => {
    const open = await openInteraction(engine.provider, ctx);
    await readForm(ctx, z.object({}));
    const next = nextStep(await interactionFacts(platform, ctx, open));
    seeOther(ctx, await answerInteraction(platform, open, refusalBy(next)));
  };
}

function refusalBy(next: NextStep): { error: string; error_description: string } {
  if (next.step === 'closed') return { ...DENIED, error_description: CLOSED[next.reason] };
  if (!lacksStrength(next)) return DENIED;
  return {
    error: UNMET,
    error_description: 'the person did not sign in as strongly as the request demands',
  };
}

const DENIED = { error: 'access_denied', error_description: 'the person chose not to allow this' };

/** RFC 9470 §5: an app that asked for too much learns that, and can ask for less. */
function lacksStrength(next: NextStep): boolean {
  return next.step === 'stronger-factor' || (next.step === 'sign-in' && next.acr !== undefined);
}

async function cancel(platform: Platform, ctx: Context, open: OpenInteraction): Promise<void> {
  seeOther(ctx, await answerInteraction(platform, open, DENIED));
}

/** Bound to what was shown, app and list: where either has changed meanwhile, the page is shown anew. */
function purposeOf(
  { uid, params }: Interaction,
  session: LiveSession,
  { app, identity, apis }: ConsentRequest,
): string {
  const shown = apis.flatMap(({ resource, scopes }) =>
    scopes.map(({ name, sentence }) => [resource, name, sentence]),
  );
  return `consent ${uid} ${session.id} ${params.client_id} ${JSON.stringify([app, identity, shown])}`;
}
