// Runs the tests: node scripts/test.mjs [what vitest understands]
// Without a Chromium on this machine the tests in test/browser are left out, but never where CI is set.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium } from '../test/support/chromium.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const summary = join(root, 'test-results', 'summary.json');
const inCi = !['', 'false', '0'].includes(process.env.CI ?? '');
const withoutBrowser = findChromium() === undefined;
const howTo = 'install Chromium from your distribution (Debian and Ubuntu: apt-get install chromium)';

if (withoutBrowser && inCi) {
  process.stderr.write(`The browser tests need Chromium, and with CI set nothing is left out: ${howTo}.\n`);
  process.exit(1);
}

const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${summary}`];
if (withoutBrowser) args.push('--exclude=test/browser/**');
rmSync(summary, { force: true });
const { status } = spawnSync(
  process.execPath,
  ['--disable-warning=ExperimentalWarning', vitest, ...args, ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit' },
);
if (withoutBrowser)
  process.stdout.write(`Left out: test/browser, for want of a browser; to run it, ${howTo}.\n`);
process.exit(status ?? 1);
