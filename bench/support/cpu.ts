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

/** CPU seconds of one process: of its threads of lower priority (those that hash passwords), and of all others. */
export function cpuByPriority(pid: number): { low: number; normal: number } {
  const ticks = { low: 0, normal: 0 };
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const fields = fieldsOf(`/proc/${pid}/task/${thread}/stat`) ?? [];
    ticks[(fields[16] ?? 0) > 0 ? 'low' : 'normal'] += (fields[11] ?? 0) + (fields[12] ?? 0);
  }
  return { low: ticks.low / TICKS, normal: ticks.normal / TICKS };
}

/** MiB of memory that a process holds. */
export function memoryOf(pid: number): number {
  const kib = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib) / 1024;
}

function ticksOf(pid: number): { parent: number; own: number; buried: number } | undefined {
  const fields = fieldsOf(`/proc/${pid}/stat`);
  if (!fields) return undefined;
  const [utime = 0, stime = 0, cutime = 0, cstime = 0] = fields.slice(11, 15);
  return { parent: fields[1] ?? 0, own: utime + stime, buried: cutime + cstime };
}

/** Undefined for a process or thread that is gone. */
function fieldsOf(file: string): number[] | undefined {
  try {
    const stat = readFileSync(file, 'utf8');
    // The second field is the program's name and may hold anything: what follows its last bracket counts from 3.
    return stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
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
