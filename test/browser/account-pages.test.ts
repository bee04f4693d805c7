import { describe } from 'vitest';
import { lookAtEvery } from './every-page.ts';
import { accountScenes } from './account-scenes.ts';

describe('every page of the account area', { timeout: 60_000 }, () => lookAtEvery(accountScenes));
