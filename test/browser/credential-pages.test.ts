import { describe } from 'vitest';
import { credentialScenes } from './credential-scenes.ts';
import { lookAtEvery } from './every-page.ts';

describe('every page about credentials', { timeout: 60_000 }, () => lookAtEvery(credentialScenes));
