import type { Platform } from '../platform/platform.ts';
import { type Setting, writeSetting } from '../platform/settings.ts';
import { inTransaction } from '../platform/transaction.ts';
import type { Actor } from './actor.ts';
import { recordEvent } from './trail.ts';

/** Sets a setting to a value of its schema, recorded. In force here at once, in every process within a second. */
export async function changeSetting<T>(
  platform: Platform,
  actor: Actor,
  { setting, value }: { setting: Setting<T>; value: T },
): Promise<void> {
  await inTransaction(platform, async (tx) => {
    await writeSetting(tx, setting.name, value);
    const target = { kind: 'setting', id: setting.name };
    await recordEvent(tx, actor, 'setting.changed', target, { value: JSON.stringify(value) });
  });
  await platform.settings.refresh();
}
