import { z } from 'zod';
import { accountActor } from '../../accounts/actor.ts';
import { Refusal } from '../../platform/errors.ts';
import { UUID } from '../../platform/ids.ts';
import { secondsAfter } from '../../platform/clock.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import type { TextKey } from '../../platform/words/text-keys.ts';
import { memberOf } from '../organizations/require-member.ts';
import { organizationPath, problemOf, renderPortalPage } from '../portal-page.ts';
import { endCode, listCodes, makeCode } from './access-codes.ts';
import { scopesOfApi } from '../apis/scopes/api-scopes.ts';
import { USUAL_CAPS } from './entitlement.ts';
import { ENTITLEMENT_FIELDS, enteredAgain, tickedScopes } from './entitlement-form.ts';
import { apiOf } from '../apis/require-api.ts';

const Query = z.object({
  after: z.string().regex(UUID).optional().catch(undefined),
  done: z.literal('ended').optional().catch(undefined),
});

/** GET …/apis/:api/access-codes: the codes that were made, never the codes themselves. */
export function showCodes(platform: Platform): Handler {
  return async (ctx) => {
    const api = apiOf(ctx);
    const { after, done } = Query.parse({ ...ctx.query });
    const page = await listCodes(platform, api.id, { after });
    const now = platform.clock.now();
    const codes = page.codes.map((code) => ({ ...code, state: stateOf(code, now) }));
    renderPortalPage(ctx, 'developers/access/access-codes', { api, ...page, codes, done });
  };
}

function stateOf(
  {
    endedAt,
    usesLeft,
    untilAt,
    fromAt,
  }: { endedAt: Date | null; usesLeft: number; untilAt: Date; fromAt: Date },
  now: Date,
): 'ended' | 'used-up' | 'run-out' | 'early' | 'open' {
  if (endedAt) return 'ended';
  if (usesLeft < 1) return 'used-up';
  if (untilAt <= now) return 'run-out';
  return fromAt > now ? 'early' : 'open';
}

/** GET …/apis/:api/access-codes/new */
export function showNewCode(platform: Platform): Handler {
  const usual = { uses: '1', redeemDays: '30', startDays: '0', ...enteredAgain({ days: 90, ...USUAL_CAPS }) };
  return (ctx) => showForm(platform, ctx, { entered: usual });
}

const wholeNumber = z
  .string()
  .trim()
  .regex(/^\d{1,5}$/, 'access-codes.number-problem' satisfies TextKey)
  .transform(Number);

const NewCode = z.looseObject({
  label: z.string().max(500),
  uses: wholeNumber,
  startDays: wholeNumber,
  redeemDays: wholeNumber,
  forOrganization: z.string().trim().max(100).default(''),
  keyThumbprint: z.string().trim().max(100).default(''),
  ...ENTITLEMENT_FIELDS,
});

/** POST …/apis/:api/access-codes/new: shows the code, once. */
export function submitNewCode(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, NewCode);
    if (!form.ok) return showForm(platform, ctx, form, 422);
    const api = apiOf(ctx);
    const { accountId, organization } = memberOf(ctx);
    const { days, peoplePerDay, requestsPerMinute, label, uses, startDays, redeemDays, ...rest } = form.value;
    const { forOrganization, keyThumbprint, ...boxes } = rest;
    const wish = { days, peoplePerDay, requestsPerMinute };
    const fromAt = secondsAfter(platform.clock.now(), startDays * DAY);
    const made = await makeCode(platform, accountActor(ctx, accountId), {
      ...{ apiId: api.id, organizationId: organization.id, accountId, label, uses, ...wish, fromAt },
      untilAt: secondsAfter(fromAt, redeemDays * DAY),
      scopes: tickedScopes(boxes),
      ...(forOrganization !== '' && { forOrganization }),
      ...(keyThumbprint !== '' && { keyThumbprint }),
    });
    if (made.ok) {
      const code = made.issued.secret;
      const data = { api, code, label, example: exampleFor(platform, code) };
      return renderPortalPage(ctx, 'developers/access/access-codes-made', data, { status: 201 });
    }
    const typed = { label, forOrganization, keyThumbprint, ...counted({ uses, startDays, redeemDays }) };
    const problems = problemOf(made, BESIDE);
    await showForm(platform, ctx, { problems, entered: { ...boxes, ...enteredAgain(wish), ...typed } }, 422);
  };
}

/** For whoever has no account here: RFC 7591 metadata, and a public key to be known by. */
function exampleFor({ config }: Platform, code: string): string {
  const client = {
    client_name: 'Your app',
    application_type: 'web',
    redirect_uris: ['https://app.example.com/callback'],
    jwks: { keys: [{ kty: 'EC', crv: 'P-256', kid: 'first', x: '…', y: '…' }] },
  };
  const body = JSON.stringify({ code, client }, null, 2);
  return `curl ${config.issuer}/access-codes/redemptions \\\n  -H 'Content-Type: application/json' \\\n  -d '${body}'`;
}

const DAY = 86_400;
const BESIDE = { untilAt: 'redeemDays', api: 'form', 'too-many': 'form', frozen: 'form' } as const;

function counted(numbers: Record<string, number>): Record<string, string> {
  return Object.fromEntries(Object.entries(numbers).map(([name, number]) => [name, String(number)]));
}

async function showForm(platform: Platform, ctx: Context, data: object, status = 200): Promise<void> {
  const api = apiOf(ctx);
  const scopes = await scopesOfApi(platform, api.id);
  renderPortalPage(ctx, 'developers/access/access-codes-new', { api, scopes, ...data }, { status });
}

/** POST …/apis/:api/access-codes/:code/ending */
export function submitCodeEnding(platform: Platform): Handler {
  return async (ctx) => {
    await readForm(ctx, z.object({}));
    const api = apiOf(ctx);
    const { accountId, organization } = memberOf(ctx);
    const named = { id: String(ctx.params.code), apiId: api.id };
    const ended = await endCode(platform, accountActor(ctx, accountId), named);
    if (!ended.ok) throw new Refusal('not-found', 'portal.nothing-here');
    seeOther(ctx, `${organizationPath(organization.id)}/apis/${api.id}/access-codes?done=ended`);
  };
}
