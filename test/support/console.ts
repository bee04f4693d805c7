import type { OperatorRole } from '../../src/admin/roles.ts';
import type { Platform } from '../../src/platform/platform.ts';
import { anOperator } from './operators.ts';
import { type Person, signInThroughForms } from './people.ts';
import { Visitor } from './visitor.ts';

/** An operator with a browser in which they signed in a moment ago. */
export async function atConsole(
  { platform, url }: { readonly platform: Platform; readonly url: string },
  role: OperatorRole,
): Promise<{ readonly person: Person; readonly browser: Visitor }> {
  const person = await anOperator(platform, role);
  const browser = new Visitor(url);
  await signInThroughForms(browser, await browser.open('/sign-in'), person);
  return { person, browser };
}
