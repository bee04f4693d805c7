import { describe } from 'vitest';
import { accessScenes } from './access-scenes.ts';
import { lookAtEvery } from './every-page.ts';

describe('every page about access', { timeout: 60_000 }, () => lookAtEvery(accessScenes));
