import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartupFault } from '../errors.ts';

/** An open port and the way to close it without cutting anybody off. */
export interface Listener {
  readonly port: number;
  /** Takes no new connection, lets requests in flight finish, at most `graceMs`, and closes every socket. */
  drain(graceMs: number): Promise<void>;
  /** Ends every connection at once. */
  cut(): void;
}

/** Milliseconds. A slow or silent client is let go; a keep-alive socket outlives the pause of a usual proxy. */
const LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 2_000,
  keepAliveTimeout: 65_000,
};

export async function listen(answer: RequestListener, host: string, port: number): Promise<Listener> {
  const inFlight = new Set<ServerResponse>();
  const sockets = new Set<Socket>();
  let draining = false;
  const server = createServer(LIMITS, (req, res) => {
    inFlight.add(res);
    res.once('close', () => {
      inFlight.delete(res);
      if (draining) setImmediate(() => server.closeIdleConnections());
    });
    if (draining) sayLast(res);
    answer(req, res);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await open(server, host, port, 'PORT');
  return {
    port: portOf(server),
    async drain(graceMs) {
      draining = true;
      for (const res of inFlight) sayLast(res);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // Those that were never used do not count as idle for the server.
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
      await Promise.race([closed, sleep(graceMs, undefined, { ref: false })]);
      server.closeAllConnections();
      await closed;
    },
    cut: () => server.closeAllConnections(),
  };
}

function sayLast(res: ServerResponse): void {
  if (!res.headersSent) res.setHeader('Connection', 'close');
}

/** Opens any server on a port. Throws StartupFault naming the variable when the port cannot be had. */
export async function open(server: Server, host: string, port: number, variable: string): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, host, resolve);
    });
  } catch (cause) {
    throw portFault(cause as NodeJS.ErrnoException, host, port, variable);
  }
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function portFault(cause: NodeJS.ErrnoException, host: string, port: number, variable: string): StartupFault {
  const sentences: Record<string, string> = {
    EADDRINUSE: `Port ${port} on ${host} is taken by another program; stop it, or set ${variable} to another port.`,
    EACCES: `This user may not listen on port ${port}; set ${variable} to one above 1023.`,
    EADDRNOTAVAIL: `This machine has no address ${host}; correct HOST.`,
    ENOTFOUND: `HOST ${host} is not known on this machine; correct it.`,
  };
  const sentence = sentences[cause.code ?? ''] ?? `Port ${port} on ${host} cannot be opened (${cause.code}).`;
  return new StartupFault(sentence, { cause });
}
