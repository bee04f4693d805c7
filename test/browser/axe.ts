import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Puts axe-core into the page that is open now. Through the debugger: our policy lets no page load it. */
export async function bringAxe(page: Page): Promise<void> {
  await page.evaluate(SOURCE);
}

/** All rules; or those that look at colors, for a page of which nothing else has changed. */
export type AxeRules = 'all' | 'colors';

/** What axe-core finds wrong with the page as it looks now, one sentence per rule and place. */
export function axeViolations(page: Page, rules: AxeRules): Promise<string[]> {
  return page.evaluate(findViolations, rules);
}

interface Axe {
  run(options: object): Promise<{
    violations: { id: string; help: string; nodes: { html: string }[] }[];
  }>;
}

/** Runs in the page. */
async function findViolations(asked: AxeRules): Promise<string[]> {
  const { axe } = globalThis as unknown as { axe: Axe };
  // Without a style sheet axe takes the ground for white, whatever the color scheme; page-faults knows better.
  const rules = { 'color-contrast': { enabled: document.styleSheets.length > 0 } };
  const runOnly = asked === 'colors' ? { runOnly: ['color-contrast', 'link-in-text-block'] } : {};
  const { violations } = await axe.run({ resultTypes: ['violations'], rules, ...runOnly });
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html }) => `${id} (${help}): ${html.slice(0, 150)}`),
  );
}
