import { loadConfig } from '../../../src/config.ts';
import { deliverDueLetters } from '../../../src/platform/mail/outbox.ts';
import { openPlatform } from '../../../src/platform/platform.ts';

/** A process that delivers the letters of its environment's database, for tests that kill it. */
const loaded = loadConfig({ ...process.env, LOG_LEVEL: 'silent' });
if (!loaded.ok) throw new Error(loaded.faults.join('\n'));
const platform = await openPlatform(loaded.config);
await deliverDueLetters(platform);
await platform.close();
