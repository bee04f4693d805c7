import { parentPort } from 'node:worker_threads';

/** A hashing thread that ends as soon as it is asked for anything. */
parentPort?.on('message', () => process.exit(1));
