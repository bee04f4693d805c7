import { type Form, formsOf } from '../../test/support/html.ts';
import type { Answer, Connections, Place } from './http.ts';

/** A browser without JavaScript at an address of its own, for crowds: cookies and forms, no redirects followed. */
export interface Browser {
  readonly cookies: Map<string, string>;
  open(path: string): Promise<Answer>;
  post(path: string, fields: Readonly<Record<string, string>>): Promise<Answer>;
}

/** Every request goes to the next of `places`, as a proxy in front of them would send it. */
export function newBrowser(connections: Connections, places: readonly Place[], address: string): Browser {
  const cookies = new Map<string, string>();
  let turn = Math.floor(Math.random() * places.length);
  const send = async (method: 'GET' | 'POST', path: string, form?: string) => {
    turn += 1;
    const cookie = [...cookies].map((pair) => pair.join('=')).join('; ');
    const headers = {
      accept: 'text/html',
      'x-forwarded-for': address,
      'sec-fetch-site': 'same-origin',
      ...(cookie && { cookie }),
    };
    const answer = await connections.send(
      { method, path, headers, ...(form !== undefined && { form }) },
      places[turn % places.length],
    );
    take(cookies, answer);
    return answer;
  };
  return {
    cookies,
    open: (path) => send('GET', path),
    post: (path, fields) => send('POST', path, `${new URLSearchParams(fields)}`),
  };
}

/** The form of a page that has this button, filled in. */
export function filledIn(page: Answer, button: string, entries: Readonly<Record<string, string>>) {
  const form = formOf(page, ({ buttons }) => buttons.some(({ text }) => text === button));
  return { ...Object.fromEntries(form.fields), ...entries };
}

export function formTo(page: Answer, path: string): Record<string, string> {
  return Object.fromEntries(formOf(page, ({ action }) => action.split('?', 1)[0] === path).fields);
}

function formOf(page: Answer, isIt: (form: Form) => boolean): Form {
  const form = formsOf(page.text).find(isIt);
  if (!form) throw new Error(`the form is missing: ${page.status} ${page.text.slice(0, 300)}`);
  return form;
}

function take(cookies: Map<string, string>, { headers }: Answer): void {
  for (const header of headers['set-cookie'] ?? []) {
    const [name = '', value = ''] = (header.split(';', 1)[0] ?? '').split(/=(.*)/s);
    if (value === '' || /expires=Thu, 01 Jan 1970/i.test(header)) cookies.delete(name);
    else cookies.set(name, value);
  }
}
