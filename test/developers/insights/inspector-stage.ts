import { expect, vi } from 'vitest';
import { createOrganization } from '../../../src/developers/organizations/organization.ts';
import { writeRequests } from '../../../src/developers/insights/request-log.ts';
import { openStage, type Stage } from '../../oidc/stage.ts';
import { PATIENCE } from '../../support/patience.ts';
import type { Page } from '../../support/visitor.ts';
import { newApi, newApp, type Notes, OPERATOR, type App } from '../../support/world.ts';

/** A stage whose person is a member: owner of an organization with an API and an app, signed in in the browser. */
export interface InspectorStage extends Stage {
  readonly organizationId: string;
  readonly ownApi: Notes;
  readonly app: App;
  /** The address of the app's pages. */
  readonly home: string;
}

export async function openInspectorStage(): Promise<InspectorStage> {
  const stage = await openStage();
  const { platform } = stage.server;
  const made = await createOrganization(platform, OPERATOR, {
    name: 'Umbrella',
    ownerEmail: stage.person.email,
  });
  if (!made.ok) throw new Error(made.sentence);
  const organizationId = made.organization.id;
  const ownApi = await newApi(platform, { organizationId, identifier: 'https://umbrella.example' });
  const app = await newApp(platform, ownApi);
  const home = `/developers/organizations/${organizationId}/apps/${app.clientId}`;
  return { ...stage, organizationId, ownApi, app, home };
}

/** Opens a page until it shows what is expected, the log being written before each look. Answers the last page. */
export async function untilShown(
  { server }: Pick<Stage, 'server'>,
  open: () => Promise<Page>,
  shows: (page: Page) => boolean,
): Promise<Page> {
  let page: Page | undefined;
  await vi.waitFor(async () => {
    await writeRequests(server.platform);
    page = await open();
    expect(shows(page), page.text).toBe(true);
  }, PATIENCE);
  return page as Page;
}
