import { describe } from 'vitest';
import { developerAppScenes } from './developer-app-scenes.ts';
import { lookAtEvery } from './every-page.ts';

describe('every page about an app, for its developers', { timeout: 60_000 }, () =>
  lookAtEvery(developerAppScenes),
);
