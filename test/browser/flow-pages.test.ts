import { describe } from 'vitest';
import { lookAtEvery } from './every-page.ts';
import { flowScenes } from './flow-scenes.ts';

describe('every page of resets, changes and closing', { timeout: 60_000 }, () => lookAtEvery(flowScenes));
