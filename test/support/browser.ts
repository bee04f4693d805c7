import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';
import { CHROMIUM_FLAGS, findChromium } from './chromium.ts';

/** Chromium with a fresh profile, which goes away with it. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium(), headless: true, args: CHROMIUM_FLAGS });
}

/** A person's own window: its cookies are shared with no other window. */
export interface Window {
  readonly page: Page;
  /** What no page of ours may cause: errors and warnings in the console, blocked content, requests to elsewhere. */
  readonly incidents: readonly string[];
  close(): Promise<void>;
}

/** `origins` are the sites of the test; a request to any other is an incident. */
export async function openWindow(
  browser: Browser,
  origins: readonly string[],
  options: BrowserContextOptions = {},
): Promise<Window> {
  const context = await browser.newContext(options);
  const incidents: string[] = [];
  context.on('console', (message) => {
    const [kind, text] = [message.type(), message.text()];
    if (
      (kind === 'error' || kind === 'warning') &&
      !isRefusedDocument(text, message.location().url, message.page())
    )
      incidents.push(`${message.page()?.url()}: ${text}`);
  });
  context.on('weberror', (error) => incidents.push(`${error.page()?.url()}: ${error.error().message}`));
  context.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith('http') && !origins.includes(origin)) incidents.push(`a request to ${origin}`);
  });
  return { page: await context.newPage(), incidents, close: () => context.close() };
}

/** Chromium complains of every 4xx; for the page itself that is the answer which was meant. */
function isRefusedDocument(text: string, url: string, page: Page | null): boolean {
  return (
    /^Failed to load resource: the server responded with a status of 4\d\d/.test(text) && url === page?.url()
  );
}

/** How a person works a page. Labels, buttons and links go by the text that is read there. */
export interface Hands {
  fill(label: string, text: string): Promise<void>;
  /** Presses a button and waits for the page it leads to. */
  press(button: string): Promise<void>;
  /** Follows a link and waits for the page it leads to. */
  follow(link: string): Promise<void>;
  unfold(summary: string): Promise<void>;
}

export function withPointer(page: Page): Hands {
  return {
    fill: (label, text) => page.getByLabel(label, { exact: true }).fill(text),
    press: (name) => andArrive(page, () => button(page, name).click()),
    follow: (name) => andArrive(page, () => link(page, name).click()),
    unfold: (summary) => page.getByText(summary, { exact: true }).click(),
  };
}

/** Only Tab, Enter and letters; everything that gets the focus on the way must show it. */
export function withKeyboard(page: Page): Hands {
  const enter = () => page.keyboard.press('Enter');
  return {
    async fill(label, text) {
      await tabTo(page, page.getByLabel(label, { exact: true }));
      await page.keyboard.type(text);
    },
    async press(name) {
      await tabTo(page, button(page, name));
      await andArrive(page, enter);
    },
    async follow(name) {
      await tabTo(page, link(page, name));
      await andArrive(page, enter);
    },
    async unfold(summary) {
      await tabTo(page, page.getByText(summary, { exact: true }));
      await enter();
    },
  };
}

function button(page: Page, name: string): Locator {
  return page.getByRole('button', { name, exact: true });
}

function link(page: Page, name: string): Locator {
  return page.getByRole('link', { name, exact: true });
}

async function andArrive(page: Page, act: () => Promise<void>): Promise<void> {
  await Promise.all([page.waitForEvent('load'), act()]);
}

const LONGEST_WAY = 30;

async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let presses = 0; presses <= LONGEST_WAY; presses += 1) {
    if (presses > 0) await page.keyboard.press('Tab');
    if (await target.evaluate((element) => element === document.activeElement)) return;
    const hidden = await page.evaluate(focusedWithoutShowing);
    if (presses > 0 && hidden) throw new Error(`the focus cannot be seen on ${hidden} of ${page.url()}`);
  }
  throw new Error(`${target} of ${page.url()} is not reached with ${LONGEST_WAY} times Tab`);
}

/** Runs in the page. */
function focusedWithoutShowing(): string | undefined {
  const element = document.activeElement;
  if (!element || element === document.body) return undefined;
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  const shows = outlineStyle === 'auto' || (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2);
  return shows ? undefined : element.outerHTML;
}
