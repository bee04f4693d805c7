import { describe } from 'vitest';
import { eventScenes } from './event-scenes.ts';
import { lookAtEvery } from './every-page.ts';

describe('every page about reports of misuse and events', { timeout: 60_000 }, () =>
  lookAtEvery(eventScenes),
);
