import { describe } from 'vitest';
import { lookAtEvery } from './every-page.ts';
import { gatewayScenes } from './gateway-scenes.ts';

describe('every page about gateways', { timeout: 60_000 }, () => lookAtEvery(gatewayScenes));
