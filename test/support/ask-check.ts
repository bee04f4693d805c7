import { request } from 'node:http';

/** A call of an API as its gateway asks about it; headers may be given several times. */
export interface AskedCheck {
  readonly api?: { readonly clientId: string; readonly secret: string } | undefined;
  readonly token?: string | undefined;
  readonly scheme?: string;
  readonly method?: string;
  readonly uri?: string;
  /** Path and query of the check itself. */
  readonly at?: string;
  /** Name and value; replaces what would be sent under that name. */
  readonly headers?: readonly (readonly [string, string])[];
  /** Of the request to /check. */
  readonly by?: string;
  readonly host?: string;
}

export interface CheckReply {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Asks as nginx does, unless told otherwise. */
export function askCheck(server: string, asked: AskedCheck): Promise<CheckReply> {
  const { api, token, scheme = 'Bearer', method = 'GET', uri = '/notes', at = '/check', by = 'GET' } = asked;
  const given = asked.headers ?? [];
  const usual: [string, string | undefined][] = [
    ['Host', asked.host ?? new URL(server).host],
    ['Gatehouse-Api', api && `Basic ${Buffer.from(`${api.clientId}:${api.secret}`).toString('base64')}`],
    ['Authorization', token && `${scheme} ${token}`],
    ['X-Original-Method', method],
    ['X-Original-URI', uri],
  ];
  const named = new Set(given.map(([name]) => name.toLowerCase()));
  const kept = usual.filter(([name, value]) => value !== undefined && !named.has(name.toLowerCase()));
  const headers = [...kept, ...given].flat() as string[];
  const { hostname, port } = new URL(server);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path: at, method: by, headers }, async (response) => {
      let body = '';
      for await (const chunk of response.setEncoding('utf8')) body += chunk;
      resolve({ status: response.statusCode ?? 0, body, headers: response.headers });
    });
    sent.on('error', reject);
    sent.end();
  });
}
