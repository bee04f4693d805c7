import { describe } from 'vitest';
import { lookAtEvery } from './every-page.ts';
import { insightScenes } from './insight-scenes.ts';

describe('every page about usage, checks and help', { timeout: 60_000 }, () => lookAtEvery(insightScenes));
