import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { openPlatform } from '../../../src/platform/platform.ts';
import { bareConfig } from '../web/bare-app.ts';

export function openForNow() {
  return openPlatform(bareConfig({ dataDir: mkdtempSync(`${tmpdir()}/gh-outbox-`), logLevel: 'silent' }));
}
