import type { Platform } from '../../platform/platform.ts';
import type { Handler } from '../../platform/web/context.ts';
import { type AppWarning, warningsOf } from '../clients/app-glance.ts';
import { organizationPath, renderPortalPage } from '../portal-page.ts';
import { type OverviewApi, overviewOf, type Step } from './overview.ts';
import { suspensionsInForce } from '../suspensions/own-suspensions.ts';
import { inWords } from '../suspensions/suspension-words.ts';
import { memberOf } from './require-member.ts';
import { mayDo, type Permission } from './roles.ts';

/** GET /developers/organizations/:organization: the next step, and what needs a look. */
export function showOverview(platform: Platform): Handler {
  return async (ctx) => {
    const { organization, role } = memberOf(ctx);
    const home = organizationPath(organization.id);
    const { steps, apps, apis } = await overviewOf(platform, organization.id);
    const suspensions = (await suspensionsInForce(platform, organization.id)).map(inWords);
    const newest = apps[0]?.id;
    const todo = steps.find(({ name, done }) => !done && mayDo(role, NEEDS[name]));
    renderPortalPage(ctx, 'developers/organizations/overview', {
      joined: ctx.query.joined !== undefined,
      suspensions,
      steps: steps.every(({ done }) => done) ? [] : steps,
      next: todo && { name: todo.name, href: hrefOf(todo, home, newest) },
      apps: apps.map((app) => {
        const path = `${home}/apps/${app.id}`;
        return { ...app, path, warnings: warningsOf(app, path) };
      }),
      apis: apis.map((api) => ({ ...api, path: `${home}/apis/${api.id}`, warnings: apiWarnings(api, home) })),
    });
  };
}

/** Who sees a step as theirs to take. */
const NEEDS: Readonly<Record<Step['name'], Permission>> = {
  organization: 'read',
  app: 'build',
  token: 'build',
  colleague: 'govern',
  live: 'govern',
};

function hrefOf({ name }: Step, home: string, app: string | undefined): string {
  if (name === 'colleague') return `${home}/invitations`;
  if (name === 'app' || app === undefined) return `${home}/apps/new`;
  return name === 'live' ? `${home}/apps/${app}/stage` : `${home}/apps/${app}`;
}

function apiWarnings({ id, approved, waiting }: OverviewApi, home: string): AppWarning[] {
  const path = `${home}/apis/${id}`;
  const warnings: AppWarning[] = [];
  if (!approved) warnings.push({ words: 'organizations.api-waits', href: path });
  if (waiting > 0) {
    const words = { key: 'organizations.requests-wait', values: { count: waiting } } as const;
    warnings.push({ words, href: `${path}/access-requests` });
  }
  return warnings;
}
