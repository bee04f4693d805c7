import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LoadOrder, LoadReport } from './loader.ts';

export interface Loader {
  /** Throws when an answer was wrong: a measurement with errors in it says nothing. */
  run(order: LoadOrder): Promise<LoadReport>;
  stop(): void;
}

export function startLoader(): Loader {
  const child = fork(fileURLToPath(new URL('./loader.ts', import.meta.url)), {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  return {
    async run(order) {
      child.send(order);
      const report = await reportOf(child);
      if (report.faults > 0) {
        throw new Error(
          `${report.faults} wrong answers from ${order.target.name} in ${order.flow}: ${report.firstFault}`,
        );
      }
      return report;
    },
    stop: () => void child.disconnect(),
  };
}

async function reportOf(child: ChildProcess): Promise<LoadReport> {
  const [report] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error('the loader ended'))),
  ])) as [LoadReport | { failed: string }];
  if ('failed' in report) throw new Error(`the loader failed: ${report.failed}`);
  return report;
}
