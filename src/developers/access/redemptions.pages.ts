import { z } from 'zod';
import { browserActor } from '../../accounts/actor.ts';
import { epochSeconds } from '../../platform/clock.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readSmallBody } from '../../platform/web/small-body.ts';
import { APP_TYPES, signsPeopleIn } from '../clients/app-types.ts';
import { redeemWithoutAccount, type Sponsored, type SponsoredFault } from './sponsored-redemption.ts';

const LARGEST_BODY = 32 * 1024;

/** The names of RFC 7591 §2; whatever else is sent has no effect. */
const Request = z.object({
  code: z.string().max(500),
  client: z.object({
    client_name: z.string().max(1000),
    application_type: z.enum(APP_TYPES).default('web'),
    redirect_uris: z.array(z.string().max(3000)).max(50).default([]),
    jwks: z.looseObject({ keys: z.array(z.unknown()).max(20) }).optional(),
  }),
  proof: z.string().max(5000).optional(),
  terms_version: z.int().positive().max(1_000_000_000).optional(),
});

/** POST /access-codes/redemptions: whoever has a code and no account registers an app with it (RFC 7591 style). */
export function submitRedemptionWithoutAccount(platform: Platform): Handler {
  return async (ctx) => {
    ctx.set('Cache-Control', 'no-store');
    const request = Request.safeParse(await readSmallBody(ctx, LARGEST_BODY));
    if (!request.success) return refuse(ctx, 'invalid_request', faultIn(request.error));
    const { code, client, proof, terms_version: termsVersion } = request.data;
    const outcome = await redeemWithoutAccount(platform, browserActor(ctx), {
      ...{
        code,
        name: client.client_name,
        type: client.application_type,
        redirectUris: client.redirect_uris,
      },
      ...(client.jwks && { jwks: JSON.stringify(client.jwks) }),
      ...{ proof, termsVersion },
    });
    if (outcome.ok) return answer(ctx, outcome, platform.clock.now());
    const { reason, sentence, terms } = outcome;
    refuse(ctx, ERRORS[reason], sentence, terms && { terms_version: terms.version, terms: terms.text });
  };
}

/** RFC 7591 §3.2.2, and our own where it has none. */
const ERRORS: Readonly<Record<SponsoredFault, string>> = {
  code: 'invalid_access_code',
  proof: 'invalid_proof',
  keys: 'invalid_client_metadata',
  name: 'invalid_client_metadata',
  client: 'invalid_client_metadata',
  'redirect-uri': 'invalid_redirect_uri',
  terms: 'terms_not_accepted',
};

function refuse(ctx: Context, error: string, sentence: string, more: object = {}): void {
  ctx.status = 400;
  ctx.body = { error, error_description: sentence, ...more };
}

/** Which member is wrong, never what it holds. */
function faultIn({ issues: [issue] }: z.ZodError): string {
  const path = issue?.path.join('.') || 'The body';
  return `${path} is missing or not what it should be. Send {"code": "gate_accesscode_…", "client": {"client_name": "…", "redirect_uris": ["https://…"], "jwks": {"keys": […]}}}.`;
}

function answer(
  ctx: Context,
  { client, keys, api, access }: Extract<Sponsored, { ok: true }>,
  now: Date,
): void {
  const peopled = signsPeopleIn(client.type);
  ctx.status = 201;
  ctx.body = {
    client_id: client.id,
    client_id_issued_at: epochSeconds(now),
    client_name: client.name,
    application_type: client.type,
    token_endpoint_auth_method: client.authMethod,
    redirect_uris: client.redirectUris,
    grant_types: peopled ? ['authorization_code', 'refresh_token'] : ['client_credentials'],
    response_types: peopled ? ['code'] : [],
    scope: client.scopes.join(' '),
    ...(client.authMethod === 'private_key_jwt' && {
      jwks: { keys: keys.map(({ jwk, kid }) => ({ ...jwk, kid })) },
    }),
    access: {
      resource: api.identifier,
      scope: access.scopes.join(' '),
      until: access.until?.toISOString() ?? null,
      people_per_day: access.peoplePerDay,
      requests_per_minute: access.requestsPerMinute,
    },
  };
}
