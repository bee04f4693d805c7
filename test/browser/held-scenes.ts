import type { Page } from 'playwright-core';
import { followCampaign, raiseCampaign } from '../../src/defense/sign-in-watch/campaign.ts';
import { startSuspension } from '../../src/defense/suspensions/start.ts';
import { secondsAfter } from '../../src/platform/clock.ts';
import { withPointer } from '../support/browser.ts';
import { newPerson, OPERATOR } from '../support/world.ts';
import type { Exhibition } from './exhibition.ts';
import { enter, type Scenes, signInHere } from './scene-steps.ts';

/** Who is not let in for now: a suspended account, and a stranger while passwords are tried in masses. */
export const heldScenes: Scenes = {
  async 'suspended-account'(page, world) {
    const until = secondsAfter(world.platform.clock.now(), 86_400);
    await suspended(page, world, {
      until,
      note: 'Thousands of invitations were sent to people who had not asked for any.',
    });
  },
  async 'suspended-account-until-decided'(page, world) {
    await suspended(page, world, {});
  },
  async 'strangers-wait'(page, world) {
    await raiseCampaign(world.platform, 'stuffing', {});
    await page.goto(`${world.url}/sign-in`);
    await enter(withPointer(page), await newPerson(world.platform));
    await world.platform.db.alert.updateMany({ data: { closedAt: world.platform.clock.now() } });
    await followCampaign(world.platform);
  },
};

async function suspended(page: Page, world: Exhibition, how: { until?: Date; note?: string }): Promise<void> {
  const person = await newPerson(world.platform);
  await startSuspension(world.platform, OPERATOR, { kind: 'account', ids: { accountId: person.id }, ...how });
  await page.goto(`${world.url}/sign-in`);
  await signInHere(page, person);
}
