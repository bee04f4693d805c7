import { describe } from 'vitest';
import { lookAtEvery } from './every-page.ts';
import { scenes } from './scenes.ts';

describe('every page of the ways in and out', { timeout: 60_000 }, () => lookAtEvery(scenes));
