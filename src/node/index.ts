/**
 * What belongs to Node: worker pools, models and inputs from disk.
 *
 * @packageDocumentation
 */

export { type NodeBackend, startBackend } from './backend.js';
export { drawingPng } from './drawing-png.js';
export { fileSystem } from './file-system.js';
export { loadModel } from './load-model.js';
export { explainDatasetInWorkers } from './workers/explain-in-workers.js';
export type { WorkerSetup } from './workers/job.js';
export type { WorkerOptions, WorkerReports, WorkerResults, WorkerSource } from './workers/options.js';
export type { PlainInput, PlainTensor } from './workers/plain.js';
