import { isMainThread } from 'node:worker_threads';

// Loaded before the program of a child process: it ends when the test that started it is gone, however that went.
if (isMainThread) {
  process.stdin.on('end', () => process.kill(process.pid, 'SIGKILL')).resume();
  process.stdin.unref();
}
