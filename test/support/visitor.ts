import { CookieJar } from './cookie-jar.ts';
import { type Form, formsOf, linksOf, textOf } from './html.ts';

/** An answer as a person and a test see it. */
export interface Page {
  readonly status: number;
  /** The address it was asked under, absolute. */
  readonly url: string;
  readonly headers: Headers;
  readonly html: string;
  /** What a reader sees. */
  readonly text: string;
  readonly title: string;
  readonly forms: readonly Form[];
  /** Links by their visible text. */
  readonly links: ReadonlyMap<string, string>;
  /** Where a redirect points, absolute. */
  readonly location: string | undefined;
}

export interface Visit {
  /** Follow redirects; stops at one that leaves the site. Default true. */
  readonly follow?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A browser without JavaScript: cookies, redirects, forms. One visitor is one browser. */
export class Visitor {
  readonly cookies = new CookieJar();
  readonly #site: string;

  constructor(site: string) {
    this.#site = site;
  }

  /** Types an address or follows a link. */
  async open(address: string, { follow = true, headers = {} }: Visit = {}): Promise<Page> {
    return this.#send(
      new URL(address, this.#site),
      { headers: { 'Sec-Fetch-Site': 'none', ...headers } },
      follow,
    );
  }

  /**
   * Fills in the form that has this button and presses it. `entries` are by label text or by field name; hidden
   * fields go along as they are. A name that the form does not have is sent too, as a hostile visitor would.
   */
  async submit(
    page: Page,
    button: string,
    entries: Readonly<Record<string, string>> = {},
    visit: Visit = {},
  ): Promise<Page> {
    const form = page.forms.find(({ buttons }) => buttons.some(({ text }) => text === button));
    if (!form)
      throw new Error(`no form with a button "${button}" at ${page.url}: ${page.text.slice(0, 500)}`);
    const fields = new URLSearchParams([...form.fields]);
    for (const [name, value] of Object.entries(entries)) fields.set(form.labels.get(name) ?? name, value);
    const pressed = form.buttons.find(({ text }) => text === button);
    if (pressed?.name) fields.set(pressed.name, pressed.value);
    const target = new URL(pressed?.formAction ?? (form.action || page.url), page.url);
    if (form.method === 'post') return this.post(target.href, fields, { referrer: page.url, ...visit });
    target.search = fields.toString();
    return this.open(target.href, visit);
  }

  /** Posts urlencoded fields as a form of the same site would. */
  async post(
    address: string,
    fields: URLSearchParams | Readonly<Record<string, string>>,
    { follow = true, headers = {}, referrer = this.#site }: Visit & { referrer?: string } = {},
  ): Promise<Page> {
    const url = new URL(address, this.#site);
    const origin = new URL(referrer).origin;
    const request = {
      method: 'POST',
      body: new URLSearchParams(fields as URLSearchParams).toString(),
      headers: {
        'Content-Type': 'application/x-www-form-urlencoded',
        Origin: origin,
        'Sec-Fetch-Site': origin === url.origin ? 'same-origin' : 'cross-site',
        ...headers,
      },
    };
    return this.#send(url, request, follow);
  }

  async #send(
    url: URL,
    init: RequestInit & { headers: Record<string, string> },
    follow: boolean,
  ): Promise<Page> {
    const cookie = this.cookies.headerFor(url);
    const headers = { Accept: 'text/html,*/*;q=0.8', ...init.headers, ...(cookie ? { Cookie: cookie } : {}) };
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    this.cookies.take(url, response.headers.getSetCookie());
    const page = pageOf(url, response, await response.text());
    const next = page.location === undefined ? undefined : new URL(page.location);
    if (!follow || next === undefined || next.origin !== new URL(this.#site).origin) return page;
    return this.#send(
      next,
      { headers: { 'Sec-Fetch-Site': init.headers['Sec-Fetch-Site'] ?? 'none' } },
      true,
    );
  }
}

function pageOf(url: URL, { status, headers }: Response, html: string): Page {
  const location = headers.get('Location');
  return {
    status,
    url: url.href,
    headers,
    html,
    text: textOf(html),
    title: textOf(/<title>(.*?)<\/title>/is.exec(html)?.[1] ?? ''),
    forms: formsOf(html),
    links: linksOf(html),
    location: location === null ? undefined : new URL(location, url).href,
  };
}
