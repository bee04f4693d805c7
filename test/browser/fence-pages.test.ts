import { describe } from 'vitest';
import { lookAtEvery } from './every-page.ts';
import { fenceScenes } from './fence-scenes.ts';

describe('every page of an app that is closed to somebody', { timeout: 60_000 }, () =>
  lookAtEvery(fenceScenes),
);
