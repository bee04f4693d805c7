import { type ChildProcess, fork } from 'node:child_process';
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
      const report = await nextReport(child);
      if (report.faults > 0) {
        throw new Error(
          `${report.faults} wrong answers from ${order.target.name} in ${order.flow}: ${report.firstFault}`,
        );
      }
      return report;
    },
    stop: () => void (child.connected && child.disconnect()),
  };
}

function nextReport(child: ChildProcess): Promise<LoadReport> {
  return new Promise((reported, failed) => {
    const onExit = () => failed(new Error('the loader ended'));
    child.once('exit', onExit);
    child.once('message', (report: LoadReport | { failed: string }) => {
      child.off('exit', onExit);
      if ('failed' in report) failed(new Error(`the loader failed: ${report.failed}`));
      else reported(report);
    });
  });
}
