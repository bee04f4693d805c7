import { describe } from 'vitest';
import { consoleQueueScenes } from './console-queue-scenes.ts';
import { lookAtEvery } from './every-page.ts';

describe(
  'every page of the console about organizations, apps, reviews and suspensions',
  {
    timeout: 60_000,
  },
  () => lookAtEvery(consoleQueueScenes),
);
