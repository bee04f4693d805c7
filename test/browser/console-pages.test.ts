import { describe } from 'vitest';
import { consoleScenes } from './console-scenes.ts';
import { lookAtEvery } from './every-page.ts';

describe('every page of the console about people, alerts, limits and events', { timeout: 60_000 }, () =>
  lookAtEvery(consoleScenes),
);
