import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

/** One delivery as the server saw it. */
export interface Delivery {
  readonly from: string;
  readonly recipients: string[];
  readonly message: string;
}

export interface SmtpOptions {
  /** The answer to a complete message; `null` never answers. */
  answer?: string | null;
  /** Speaks TLS from the first byte with this certificate. */
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly offers?: readonly string[];
}

/** A small SMTP server on a free port of this machine: takes letters and keeps them. */
export async function smtpServer(options: SmtpOptions = {}) {
  const deliveries: Delivery[] = [];
  const commands: string[] = [];
  const sockets = new Set<Socket>();
  const onConnection = (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    converse(socket, options, deliveries, commands);
  };
  const server: Server = options.tls
    ? createTlsServer(options.tls, onConnection)
    : createServer(onConnection);
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    options,
    deliveries,
    commands,
    port,
    url: `${options.tls ? 'smtps' : 'smtp'}://localhost:${port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function converse(socket: Socket, options: SmtpOptions, deliveries: Delivery[], commands: string[]): void {
  let from = '';
  let recipients: string[] = [];
  let message: string | undefined;
  const say = (line: string) => socket.write(`${line}\r\n`);
  const replies: Record<string, (line: string) => void> = {
    EHLO: () =>
      say(
        ['250-test', ...(options.offers ?? []).map((offer) => `250-${offer}`), '250 8BITMIME'].join('\r\n'),
      ),
    AUTH: () => say('235 fine'),
    MAIL: (line) => {
      from = line;
      recipients = [];
      say('250 fine');
    },
    RCPT: (line) => {
      recipients.push(line);
      say('250 fine');
    },
    DATA: () => {
      message = '';
      say('354 go on');
    },
    QUIT: () => socket.end('221 bye\r\n'),
  };
  const onLine = (line: string) => {
    if (message === undefined) {
      commands.push(line);
      const reply = replies[line.slice(0, 4).toUpperCase()] ?? (() => say('502 what'));
      reply(line);
    } else if (line === '.') {
      const answer = options.answer === undefined ? '250 taken' : options.answer;
      if (answer?.startsWith('250') || answer === null) deliveries.push({ from, recipients, message });
      message = undefined;
      if (answer !== null) say(answer);
    } else message += `${line}\n`;
  };
  let rest = '';
  socket.on('data', (chunk) => {
    const lines = (rest + chunk.toString('latin1')).split('\r\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
  say('220 test');
}
