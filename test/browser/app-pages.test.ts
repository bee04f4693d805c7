import { describe } from 'vitest';
import { lookAtEvery } from './every-page.ts';
import { appScenes } from './app-scenes.ts';

describe('every page on the way from and to an app', { timeout: 60_000 }, () => lookAtEvery(appScenes));
