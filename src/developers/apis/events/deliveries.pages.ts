import { z } from 'zod';
import type { Platform } from '../../../platform/platform.ts';
import type { Handler } from '../../../platform/web/context.ts';
import { readForm } from '../../../platform/web/forms.ts';
import { seeOther } from '../../../platform/web/see-other.ts';
import { apiChangeFrom, apiMemberActor, apiPath } from '../api-change.ts';
import { repeatDelivery } from './delivery-log.ts';

/** What the list says, by why it was not repeated. */
const NOT_REPEATED = {
  ...{ delivery: 'gone', delivered: 'erased', stopped: 'stopped' },
  ...{ holder: 'gone', frozen: 'held', sponsored: 'held' },
} as const;

/** POST …/events/deliveries/:delivery/repetitions */
export function submitRepetition(platform: Platform): Handler {
  return async (ctx) => {
    await readForm(ctx, z.object({}));
    const named = { ...apiChangeFrom(ctx), deliveryId: String(ctx.params.delivery) };
    const outcome = await repeatDelivery(platform, apiMemberActor(ctx), named);
    const done = outcome.ok ? 'repeated' : NOT_REPEATED[outcome.reason];
    seeOther(ctx, `${apiPath(ctx, 'events')}?done=${done}`);
  };
}
