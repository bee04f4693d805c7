import { describe } from 'vitest';
import { lookAtEvery } from './every-page.ts';
import { connectionScenes } from './connection-scenes.ts';

describe('every page about what people allowed', { timeout: 60_000 }, () => lookAtEvery(connectionScenes));
