import { createServer } from 'node:net';

/** Where the demo's programs listen, all on this machine only. */
export interface Ports {
  readonly gatehouse: number;
  readonly calendar: number;
  readonly notes: number;
  readonly guide: number;
}

const NAMES = ['gatehouse', 'calendar', 'notes', 'guide'] as const;
const HIGHEST = 65_535;

/**
 * A free port for each program: the one of the last run, else the next from `first` on. `moved` names what had to
 * give way to another program.
 */
export async function choosePorts(first: number, before?: Ports): Promise<{ ports: Ports; moved: string[] }> {
  const chosen: Record<string, number> = {};
  const moved: string[] = [];
  for (const [index, name] of NAMES.entries()) {
    const wanted = before?.[name] ?? first + index;
    const others = Object.values({ ...before, ...chosen });
    chosen[name] = await freeFrom(wanted, (port) => port !== wanted && others.includes(port));
    if (chosen[name] !== wanted) moved.push(`Port ${wanted} is taken; ${name} moves to ${chosen[name]}.`);
  }
  return { ports: chosen as unknown as Ports, moved };
}

async function freeFrom(wanted: number, spokenFor: (port: number) => boolean): Promise<number> {
  for (let port = wanted; port <= HIGHEST; port++) {
    if (!spokenFor(port) && (await isFree(port))) return port;
  }
  throw new Error(`No port from ${wanted} on is free.`);
}

/** Free on both loopback addresses: a browser that looks for "localhost" tries one after the other. */
async function isFree(port: number): Promise<boolean> {
  return (await canListen(port, '127.0.0.1')) && (await canListen(port, '::1'));
}

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((answer) => {
    const server = createServer();
    // A machine without IPv6 has nobody listening there either.
    server.once('error', ({ code }: NodeJS.ErrnoException) =>
      answer(code !== 'EADDRINUSE' && code !== 'EACCES'),
    );
    server.listen({ port, host, exclusive: true }, () => server.close(() => answer(true)));
  });
}
