import { describe } from 'vitest';
import { lookAtEvery } from './every-page.ts';
import { heldScenes } from './held-scenes.ts';

describe('every page of who is held up', { timeout: 60_000 }, () => lookAtEvery(heldScenes));
