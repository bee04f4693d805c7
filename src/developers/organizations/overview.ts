import { Prisma } from '../../../prisma/generated/client.ts';
import { clientIsSuspended } from '../../defense/suspensions/in-force.ts';
import type { Platform } from '../../platform/platform.ts';
import { type AppGlance, glanceAtApps } from '../clients/app-glance.ts';

/** How far an organization has come, and what it owns. */
export interface Overview {
  readonly steps: readonly Step[];
  readonly apps: readonly OverviewApp[];
  readonly apis: readonly OverviewApi[];
}

/** One of the first steps. It ticks itself: each is read from what there is. */
export interface Step {
  readonly name: 'organization' | 'app' | 'token' | 'colleague' | 'live';
  readonly done: boolean;
}

export interface OverviewApp extends AppGlance {
  readonly id: string;
  readonly name: string;
  readonly stage: string;
  readonly suspended: boolean;
}

export interface OverviewApi {
  readonly id: string;
  readonly name: string;
  readonly approved: boolean;
  /** Apps of others that asked for access and have no answer yet. */
  readonly waiting: number;
}

const SHOWN = 5;

/** What members see first: how far they are, and their newest apps and APIs. */
export async function overviewOf(platform: Platform, organizationId: string): Promise<Overview> {
  const [steps, apps, apis] = await Promise.all([
    stepsOf(platform, organizationId),
    newestApps(platform, organizationId),
    newestApis(platform, organizationId),
  ]);
  return { steps, apps, apis };
}

async function stepsOf({ db }: Platform, organizationId: string): Promise<Step[]> {
  const [row] = await db.$queryRaw<Record<'app' | 'token' | 'colleague' | 'live', boolean>[]>`
    SELECT
      EXISTS (SELECT FROM clients WHERE organization_id = o.id) AS app,
      EXISTS (SELECT FROM clients c JOIN usage_hours u ON u.client_id = c.id
               WHERE c.organization_id = o.id AND u.tokens > 0) AS token,
      EXISTS (SELECT FROM invitations WHERE organization_id = o.id AND kind = 'member')
        OR (SELECT count(*) FROM organization_members WHERE organization_id = o.id) > 1 AS colleague,
      EXISTS (SELECT FROM clients WHERE organization_id = o.id AND stage = 'live') AS live
    FROM organizations o WHERE o.id = ${organizationId}::uuid`;
  const { app = false, token = false, colleague = false, live = false } = row ?? {};
  return [
    { name: 'organization', done: true },
    { name: 'app', done: app },
    { name: 'token', done: token },
    { name: 'colleague', done: colleague },
    { name: 'live', done: live },
  ];
}

async function newestApps(platform: Platform, organizationId: string): Promise<OverviewApp[]> {
  const rows = await platform.db.$queryRaw<Omit<OverviewApp, keyof AppGlance>[]>`
    SELECT c.id, c.name, c.stage, c.suspended_at IS NOT NULL OR ${IS_SUSPENDED} AS suspended
    FROM clients c CROSS JOIN (SELECT ${platform.clock.now()}::timestamptz AS now) t WHERE c.organization_id = ${organizationId}::uuid
    ORDER BY c.created_at DESC, c.id LIMIT ${SHOWN}`;
  const ids = rows.map(({ id }) => id);
  const glances = await glanceAtApps(platform, ids);
  return glances.flatMap((glance, i) => (rows[i] ? [{ ...rows[i], ...glance }] : []));
}

/** Of the app `c`, at the moment `t.now`. */
const IS_SUSPENDED = Prisma.raw(clientIsSuspended('c.id', 'c.organization_id', 't.now'));

function newestApis({ db }: Platform, organizationId: string): Promise<OverviewApi[]> {
  return db.$queryRaw<OverviewApi[]>`
    SELECT a.id::text, a.name, a.identifier IS NOT NULL AS approved,
      (SELECT count(*)::int FROM access_requests r WHERE r.api_id = a.id AND r.outcome IS NULL) AS waiting
    FROM apis a WHERE a.organization_id = ${organizationId}::uuid
    ORDER BY a.created_at DESC, a.id LIMIT ${SHOWN}`;
}
