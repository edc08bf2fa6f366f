// A model on disk, items for it, and the options that all workers here share.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { fileSystem, type NodeBackend, type PlainTensor } from '../../../src/node/index.js';
import { classifier } from '../../dataset/tools.js';
import { random } from '../../explanation/tools.js';

/** The backend under test; the workers' is the same, so that numbers can be compared to the last bit. */
export const backend = inject('backend') as NodeBackend; // Tests of Node run on these two.

/** What all workers of these tests are told. */
export const common = { backend, execArgv: [], workers: 2 } as const;

/** Saves the little classifier; call `remove` afterwards. */
export async function savedModel(): Promise<{ readonly path: string; readonly remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'workers-'));
  await classifier().save(fileSystem(folder));
  return { path: folder, remove: () => rm(folder, { recursive: true }) };
}

/** Items of four numbers, the same as `samples` of the dataset's tests. */
export function plainItems(count: number): PlainTensor[] {
  return Array.from({ length: count }, (_, index) => {
    const next = random(100 + index);
    return { shape: [4], data: Float32Array.from({ length: 4 }, () => next()) };
  });
}

/** An item that the adapter of `crash.ts` does not survive, or waits for, or refuses. */
export function special(kind: 'exit' | 'throw' | 'hang' | 'refuse'): PlainTensor {
  const size = { exit: 1e6, throw: 2e6, hang: 4e6, refuse: 5e6 }[kind];
  return { shape: [4], data: Float32Array.from([size, 0, 0, 0]) };
}
