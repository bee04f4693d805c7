import { z } from 'zod';
import { findAccount } from '../../accounts/account.ts';
import { accountActor } from '../../accounts/actor.ts';
import { readSession } from '../../accounts/session-cookie.ts';
import type { LiveSession } from '../../accounts/sessions.ts';
import { signInPath } from '../../accounts/sign-in-ticket.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { renderPage } from '../../platform/web/render.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import type { Engine } from '../provider.ts';
import { registered } from '../registered-clients.ts';
import { allowRequest, describeConsent } from './consent.ts';
import {
  answerInteraction,
  askedLanguage,
  interactionFacts,
  interactionPath,
  type OpenInteraction,
  openInteraction,
} from './interactions.ts';
import { nextStep } from './next-step.ts';

/**
 * GET /interaction/:uid/consent: the page on which a person decides. Its button works for this interaction,
 * session and app alone. Where something else comes first, the dispatcher says what.
 */
export function showConsent(platform: Platform, engine: Engine): Handler {
  return async (ctx) => {
    const open = await openInteraction(engine.provider, ctx);
    const { interaction, client } = open;
    const facts = await interactionFacts(platform, ctx, open);
    if (!facts.session || nextStep(facts).step !== 'consent')
      return seeOther(ctx, interactionPath(interaction));
    const app = registered(client);
    const account = await findAccount(platform, facts.session.accountId);
    const data = {
      app: { name: app.name, organizationName: app.organizationName },
      account: { name: account?.name, email: account?.email },
      request: await describeConsent(platform, app, interaction),
      otherAccountPath: signInPath(platform, {
        returnTo: interactionPath(interaction),
        title: app.name,
        locale: askedLanguage(interaction),
        switchAccount: true,
      }),
    };
    renderPage(ctx, 'oidc/interaction/consent', data, {
      formPurpose: purposeOf(interaction.uid, facts.session, app.id),
    });
  };
}

const Decision = z.object({ decision: z.enum(['allow', 'cancel']) });

/** POST /interaction/:uid/consent: Allow or Cancel. */
export function decide(platform: Platform, engine: Engine): Handler {
  return async (ctx) => {
    const open = await openInteraction(engine.provider, ctx);
    const { interaction, client } = open;
    const session = await readSession(platform, ctx);
    // Signed out or expired in the meantime, or no consent was asked: the dispatcher knows what comes next.
    if (!session || interaction.prompt.name !== 'consent') return seeOther(ctx, interactionPath(interaction));
    const form = await readForm(ctx, Decision, {
      formPurpose: purposeOf(interaction.uid, session, client.clientId),
    });
    if (!form.ok || form.value.decision === 'cancel') return cancel(platform, ctx, open);
    await allowRequest(platform, accountActor(ctx, session.accountId), {
      accountId: session.accountId,
      clientId: client.clientId,
      interaction,
      request: await describeConsent(platform, registered(client), interaction),
    });
    seeOther(ctx, await answerInteraction(platform, open, { consent: {} }));
  };
}

/** POST /interaction/:uid/cancellation: back to the app without an answer to its question. */
export function cancelInteraction(platform: Platform, engine: Engine): Handler {
  return async (ctx) => {
    const open = await openInteraction(engine.provider, ctx);
    await readForm(ctx, z.object({}));
    await cancel(platform, ctx, open);
  };
}

async function cancel(platform: Platform, ctx: Context, open: OpenInteraction): Promise<void> {
  const result = { error: 'access_denied', error_description: 'the person chose not to allow this' };
  seeOther(ctx, await answerInteraction(platform, open, result));
}

function purposeOf(uid: string, session: LiveSession, clientId: string): string {
  return `consent ${uid} ${session.id} ${clientId}`;
}
