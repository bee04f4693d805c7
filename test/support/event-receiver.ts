import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly path: string;
}

/** A real server that takes events as somebody else's would. */
export interface Receiver {
  readonly origin: string;
  readonly received: Received[];
  /** What it answers from now on: a status, nothing at all while the connection stands, or its end. */
  answer: number | 'nothing' | 'hangs up' | ((received: Received) => number);
  close(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    const one = { headers: request.headers, body, path: request.url ?? '' };
    received.push(one);
    const { answer } = receiver;
    if (answer === 'nothing') return;
    if (answer === 'hangs up') return void request.socket.destroy();
    response.writeHead(typeof answer === 'function' ? answer(one) : answer).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiver: Receiver = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answer: 204,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return receiver;
}

/** Whether one of its signatures is that of this secret, computed as Standard Webhooks writes it down. */
export function isSignedWith(secret: string, { headers, body }: Received): boolean {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const expected = `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
  return String(headers['webhook-signature']).split(' ').includes(expected);
}

export function typesOf(received: readonly Received[]): string[] {
  return received.map(({ body }) => (JSON.parse(body) as { type: string }).type);
}
