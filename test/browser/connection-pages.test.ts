import { describe } from 'vitest';
import { lookAtEvery } from './every-page.ts';
import { connectionScenes } from './connection-scenes.ts';

describe('every page of the account area', { timeout: 60_000 }, () => lookAtEvery(connectionScenes));
