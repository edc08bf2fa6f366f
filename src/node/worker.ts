// What a worker thread of `explainDatasetInWorkers` runs; a file of its own in the package.
import { parentPort } from 'node:worker_threads';

// Tells a thread that never came up from one that an item has ended.
parentPort?.postMessage('up');

export { explainJob as default } from './workers/job.js';
