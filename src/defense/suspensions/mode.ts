import { z } from 'zod';
import { defineSetting } from '../../platform/settings.ts';

export const SUSPENSIONS_MODE = defineSetting({
  name: 'suspensions.mode',
  schema: z.enum(['off', 'dry-run', 'on']),
  fallback: 'on',
  about:
    'Whether rules suspend what misbehaves: off, dry-run (only says what it would have done) or on. People always may.',
});
