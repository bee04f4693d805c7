/** A CPU profile as V8 gives it; times in microseconds. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { functionName: string; url: string; lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Profiles a server that was started with --inspect while `work` runs, so that its start-up is left out. */
export async function profileDuring(
  inspectorPort: number,
  work: () => Promise<unknown>,
): Promise<CpuProfile> {
  const list = await fetch(`http://127.0.0.1:${inspectorPort}/json/list`);
  const [{ webSocketDebuggerUrl }] = (await list.json()) as [{ webSocketDebuggerUrl: string }];
  const socket = new WebSocket(webSocketDebuggerUrl);
  await new Promise((opened, failed) => {
    socket.onopen = opened;
    socket.onerror = failed;
  });
  const ask = asking(socket);
  await ask('Profiler.enable');
  await ask('Profiler.setSamplingInterval', { interval: 250 });
  await ask('Profiler.start');
  await work();
  const { profile } = await ask('Profiler.stop');
  socket.close();
  return profile as CpuProfile;
}

type Answer = Record<string, unknown>;

function asking(socket: WebSocket): (method: string, params?: Answer) => Promise<Answer> {
  const waiting = new Map<number, (result: Answer) => void>();
  let last = 0;
  socket.onmessage = ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { id?: number; result: Answer };
    if (id !== undefined) waiting.get(id)?.(result);
  };
  return (method, params = {}) => {
    last += 1;
    socket.send(JSON.stringify({ id: last, method, params }));
    return new Promise((answered) => waiting.set(last, answered));
  };
}
