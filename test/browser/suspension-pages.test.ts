import { describe } from 'vitest';
import { lookAtEvery } from './every-page.ts';
import { suspensionScenes } from './suspension-scenes.ts';

describe('every page about suspensions', { timeout: 60_000 }, () => lookAtEvery(suspensionScenes));
