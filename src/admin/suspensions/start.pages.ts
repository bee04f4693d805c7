import { z } from 'zod';
import {
  ASKED_FOR,
  findSubject,
  type KindByHand,
  KINDS_BY_HAND,
  reachOfSubject,
  type TypedSubject,
} from '../../developers/suspension-subjects.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { type Problems, readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import type { TextKey } from '../../platform/words/text-keys.ts';
import { problemOf, renderConsolePage } from '../console-page.ts';
import { operatorActor } from '../require-operator.ts';
import { LASTING, type Lasting, startByHand } from './start-by-hand.ts';

const typed = z.string().trim().max(600).catch('');
const Query = z.object({
  kind: z.enum(KINDS_BY_HAND).optional().catch(undefined),
  ...{ client: typed, api: typed, account: typed, organization: typed, network: typed },
});
const NOTHING = { client: '', api: '', account: '', organization: '', network: '' };

/** GET /admin/suspensions/new: first what and whom, then what that stops, and why and for how long. */
export function showStart(platform: Platform): Handler {
  return async (ctx) => {
    const { kind, ...subject } = Query.parse({ ...NOTHING, ...ctx.query });
    await renderStart(ctx, platform, { kind, subject });
  };
}

const Typed = z.object(Query.shape);

/** POST /admin/suspensions/subject: an address has no place in an address bar, so it is sent, and answered by an id. */
export function submitSubject(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, Typed);
    const { kind, ...subject } = Query.parse({ ...NOTHING, ...(form.ok ? form.value : form.entered) });
    const found = kind && (await findSubject(platform, kind, subject));
    if (!found?.ok) return renderStart(ctx, platform, { kind, subject, sent: true });
    const { clientId, apiId, accountId, organizationId, network } = found.ids;
    const ids = { client: clientId, api: apiId, account: accountId, organization: organizationId, network };
    const known = Object.entries(ids).flatMap(([name, id]) => (id ? [[name, id] as [string, string]] : []));
    seeOther(ctx, `/admin/suspensions/new?${new URLSearchParams([['kind', kind as string], ...known])}`);
  };
}

const field = z.string().trim().max(600).default('');
const Wish = z.object({
  kind: z.enum(KINDS_BY_HAND),
  ...{ client: field, api: field, account: field, organization: field, network: field },
  note: z
    .string()
    .trim()
    .min(1, 'admin-suspensions.note-empty' satisfies TextKey)
    .max(300, 'admin-suspensions.note-too-long' satisfies TextKey),
  lasting: z.enum(
    Object.keys(LASTING) as [Lasting, ...Lasting[]],
    'admin-suspensions.lasting-empty' satisfies TextKey,
  ),
});

/** POST /admin/suspensions/new */
export function submitStart(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, Wish);
    if (!form.ok) {
      const { kind, ...subject } = Query.parse({ ...NOTHING, ...form.entered });
      return renderStart(ctx, platform, { kind, subject, entered: form.entered, problems: form.problems });
    }
    const outcome = await startByHand(platform, operatorActor(ctx), {
      ...form.value,
      from: ctx.state.address,
    });
    if (outcome.ok) return seeOther(ctx, `/admin/suspensions/${outcome.suspension.id}?done=started`);
    const { kind, note, lasting, ...subject } = form.value;
    const problems = problemOf(outcome, { note: 'note' });
    await renderStart(ctx, platform, { kind, subject, entered: { note, lasting }, problems });
  };
}

interface Started {
  readonly kind: KindByHand | undefined;
  readonly subject: TypedSubject;
  /** Somebody said that this is all. */
  readonly sent?: boolean;
  readonly entered?: Readonly<Record<string, string>>;
  readonly problems?: Problems;
}

async function renderStart(
  ctx: Context,
  platform: Platform,
  { kind, subject, sent, entered, problems }: Started,
): Promise<void> {
  const status = problems ? 422 : 200;
  const begun = kind && (sent || hasBegun(kind, subject));
  const found = begun ? await findSubject(platform, kind, subject) : undefined;
  if (!found?.ok) {
    const asked = kind && ASKED_FOR[kind];
    const wrong = found ? problemOf(found, { [found.reason]: found.reason }) : problems;
    const data = {
      kinds: KINDS_BY_HAND,
      kind,
      asked,
      entered: { ...subject, kind: kind ?? '' },
      problems: wrong,
    };
    return renderConsolePage(ctx, 'admin/suspensions/start', data, { status: wrong ? 422 : status });
  }
  const reach = await reachOfSubject(platform, found.ids);
  const data = {
    kind,
    subject,
    named: found.named,
    reach,
    lastings: Object.keys(LASTING),
    entered,
    problems,
  };
  renderConsolePage(ctx, 'admin/suspensions/start-confirm', data, { status });
}

/** Nothing is a problem before something was typed. */
function hasBegun(kind: KindByHand, subject: TypedSubject): boolean {
  return ASKED_FOR[kind].some((name) => subject[name] !== '');
}
