import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Puts axe-core into the page that is open now. Through the debugger: our policy lets no page load it. */
export async function bringAxe(page: Page): Promise<void> {
  await page.evaluate(SOURCE);
}

/** What axe-core finds wrong with the page as it looks now, one sentence per rule and place. */
export function axeViolations(page: Page): Promise<string[]> {
  return page.evaluate(findViolations);
}

interface Axe {
  run(options: { resultTypes: ['violations']; rules: object }): Promise<{
    violations: { id: string; help: string; nodes: { html: string }[] }[];
  }>;
}

/** Runs in the page. */
async function findViolations(): Promise<string[]> {
  const { axe } = globalThis as unknown as { axe: Axe };
  // Without a style sheet axe takes the ground for white, whatever the color scheme; page-faults knows better.
  const rules = { 'color-contrast': { enabled: document.styleSheets.length > 0 } };
  const { violations } = await axe.run({ resultTypes: ['violations'], rules });
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html }) => `${id} (${help}): ${html.slice(0, 150)}`),
  );
}
