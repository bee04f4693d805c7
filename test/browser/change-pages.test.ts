import { describe } from 'vitest';
import { changeScenes } from './change-scenes.ts';
import { lookAtEvery } from './every-page.ts';

describe('every page of changes', { timeout: 60_000 }, () => lookAtEvery(changeScenes));
