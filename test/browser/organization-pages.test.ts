import { describe } from 'vitest';
import { lookAtEvery } from './every-page.ts';
import { organizationScenes } from './organization-scenes.ts';

describe('every page about organizations and their people', { timeout: 60_000 }, () =>
  lookAtEvery(organizationScenes),
);
