import { describe } from 'vitest';
import { apiScenes } from './api-scenes.ts';
import { lookAtEvery } from './every-page.ts';

describe('every page about APIs and hosts', { timeout: 60_000 }, () => lookAtEvery(apiScenes));
