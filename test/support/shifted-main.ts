import { loadConfig } from '../../src/config.ts';
import { start } from '../../src/main.ts';
import { shiftTime } from './time.ts';

/** `src/main.ts` with another time: so many seconds from the real one, in our code and in libraries. */
shiftTime(Number(process.env.SHIFT_SECONDS ?? 0));
delete process.env.SHIFT_SECONDS;
const loaded = loadConfig();
if (!loaded.ok) throw new Error(loaded.faults.join('\n'));
const server = await start(loaded.config);
process.on('SIGTERM', () => server.stop().then(() => process.exit(0)));
