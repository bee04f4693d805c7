import { describe } from 'vitest';
import { lookAtEvery } from './every-page.ts';
import { factorScenes } from './factor-scenes.ts';

describe('every page of the second factors', { timeout: 60_000 }, () => lookAtEvery(factorScenes));
