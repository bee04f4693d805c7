import { describe } from 'vitest';
import { lookAtEvery } from './every-page.ts';
import { inspectorScenes } from './inspector-scenes.ts';

describe('every page of the request inspector', { timeout: 60_000 }, () => lookAtEvery(inspectorScenes));
