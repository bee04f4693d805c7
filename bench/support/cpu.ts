import { readdirSync, readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';

/** Clock ticks a second in /proc; fixed on Linux (man 5 proc_pid_stat, USER_HZ). */
const TICKS = 100;

/** CPU seconds, user and system, of a process with all its threads. */
export function cpuOf(pid: number): number {
  const { own } = ticksOf(pid) ?? { own: 0 };
  return own / TICKS;
}

/** CPU seconds of a process, of its living children and of those it has buried: a whole PostgreSQL by its postmaster. */
export function cpuOfFamily(parent: number): number {
  const head = ticksOf(parent);
  let ticks = head ? head.own + head.buried : 0;
  for (const name of readdirSync('/proc')) {
    const child = /^\d+$/.test(name) ? ticksOf(Number(name)) : undefined;
    if (child?.parent === parent) ticks += child.own + child.buried;
  }
  return ticks / TICKS;
}

function ticksOf(pid: number): { parent: number; own: number; buried: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name and may hold anything: what follows its last bracket counts from 3.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [utime = 0, stime = 0, cutime = 0, cstime = 0] = fields.slice(11, 15);
    return { parent: fields[1] ?? 0, own: utime + stime, buried: cutime + cstime };
  } catch {
    return undefined;
  }
}

/** CPU seconds that the whole machine has spent, and those its host took away from it (steal). */
export function cpuOfMachine(): { busy: number; stolen: number } {
  const [first = ''] = readFileSync('/proc/stat', 'utf8').split('\n', 1);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = first
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return { busy: (user + nice + system + irq + softirq + steal) / TICKS, stolen: steal / TICKS };
}

/** The machine in plain terms. */
export function describeMachine(): Record<string, string | number> {
  const model = /^model name\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1];
  return {
    cores: cpus().length,
    cpu: model ?? 'unknown',
    memory_gib: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
}
