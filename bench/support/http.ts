import { Agent, type IncomingHttpHeaders, request } from 'node:http';

/** Where a server listens, and the Host it answers to: a second process on another port serves the same issuer. */
export interface Place {
  readonly port: number;
  readonly host: string;
}

export interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as application/x-www-form-urlencoded. */
  readonly form?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Connections {
  /** Rejects when the connection breaks before the answer is complete. */
  send(call: Call, place?: Place): Promise<Answer>;
  close(): void;
}

/** Keep-alive connections on loopback, at most `most` to each place. */
export function openConnections(home: Place, most: number): Connections {
  const agent = new Agent({ keepAlive: true, maxSockets: most, maxFreeSockets: most });
  return {
    send: (call, place = home) => exchange(agent, call, place),
    close: () => agent.destroy(),
  };
}

function exchange(agent: Agent, call: Call, { port, host }: Place): Promise<Answer> {
  const { method, path, form } = call;
  const headers: Record<string, string | number> = { ...call.headers, host };
  if (form !== undefined) {
    headers['content-type'] = 'application/x-www-form-urlencoded';
    headers['content-length'] = Buffer.byteLength(form);
  }
  return new Promise((answered, failed) => {
    const outgoing = request({ agent, host: '127.0.0.1', port, method, path, headers }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', failed);
      incoming.on('end', () => {
        const { statusCode: status = 0, headers, complete } = incoming;
        if (complete) answered({ status, headers, text: Buffer.concat(chunks).toString() });
        else failed(new Error('the answer was cut off'));
      });
    });
    outgoing.on('error', failed);
    outgoing.end(form);
  });
}

/** The body as JSON; an empty object where it is something else. */
export function jsonOf({ text }: Answer): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
