import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchChromium, openWindow } from '../support/browser.ts';
import { axeViolations, bringAxe } from './axe.ts';
import { type Exhibition, openExhibition } from './exhibition.ts';
import { pageFaults } from './page-faults.ts';
import { PATIENCE } from '../support/patience.ts';
import type { Scenes } from './scene-steps.ts';

/** A directory to write a picture of every page to, if somebody wants to look at them. */
const { SCREENSHOTS } = process.env;
const WIDTHS = [320, 1280];
const THEMES = ['light', 'dark'] as const;
/** A third longer than English, and from right to left. */
const LANGUAGES = ['en-XA', 'ar'];

/** Looks at the page of every scene: small and large, light and dark, with our own eyes (page-faults) and axe-core's. */
export function lookAtEvery(scenes: Scenes): void {
  let world: Exhibition;
  let browser: Browser;
  beforeAll(async () => {
    [world, browser] = await Promise.all([openExhibition(), launchChromium()]);
    if (SCREENSHOTS) await mkdir(SCREENSHOTS, { recursive: true });
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await world?.stop();
  });

  it.each(Object.entries(scenes))(
    'reads well on small and large screens, light and dark: %s',
    async (name, reach) => {
      const origins = [world.url, world.url.replace('localhost', '127.0.0.1')];
      const { page, incidents, close } = await openWindow(browser, origins, { reducedMotion: 'reduce' });
      await reach(page, world);
      // A page takes its focus a moment after it is there.
      await expect.poll(() => page.evaluate(focusMissesProblems), PATIENCE).toBe(false);
      await bringAxe(page);
      for (const theme of THEMES) {
        for (const width of WIDTHS) {
          await page.emulateMedia({ colorScheme: theme });
          await page.setViewportSize({ width, height: 800 });
          expect(await page.evaluate(pageFaults), `${width} px, ${theme}`).toEqual([]);
          if (SCREENSHOTS) await picture(page, `${name}-${width}-${theme}`);
        }
        expect(await axeViolations(page, theme === THEMES[0] ? 'all' : 'colors'), theme).toEqual([]);
      }
      if (SCREENSHOTS) {
        await page.emulateMedia({ forcedColors: 'active' });
        await picture(page, `${name}-1280-forced-colors`);
        await page.emulateMedia({ forcedColors: 'none' });
      }
      expect(await page.evaluate(weight), 'bytes of page and scripts').toBeLessThan(30_000);
      for (const language of LANGUAGES) {
        await speak(page, language);
        await page.setViewportSize({ width: 320, height: 800 });
        expect(await page.evaluate(pageFaults), `320 px, ${language}`).toEqual([]);
        if (SCREENSHOTS) await picture(page, `${name}-320-${language}`);
      }
      expect(incidents).toEqual([]);
      await close();
    },
  );
}

/** Runs in the page: a page that shows problems gives them the focus. */
function focusMissesProblems(): boolean {
  const summary = document.querySelector('.error-summary');
  return summary !== null && summary !== document.activeElement;
}

/** The same page again in another language; a page that came from a form is sent again. */
async function speak(page: Page, language: string): Promise<void> {
  const value = `${language}.${Math.floor(Date.now() / 1000)}`;
  await page.context().addCookies([{ name: 'gatehouse_language', value, url: new URL(page.url()).origin }]);
  await page.reload();
}

/** Runs in the page: how much was fetched for it, unpacked, pictures and style sheets (kept for ever) aside. */
function weight(): number {
  const entries = ['navigation', 'resource'].flatMap(
    (type) => performance.getEntriesByType(type) as PerformanceResourceTiming[],
  );
  const counted = entries.filter(
    ({ initiatorType, name }) => initiatorType !== 'img' && !/\.css$/.test(name),
  );
  return counted.reduce((sum, { decodedBodySize }) => sum + decodedBodySize, 0);
}

async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(String(SCREENSHOTS), `${name}.png`), fullPage: true });
}
