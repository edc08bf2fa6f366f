import * as tf from '@tensorflow/tfjs-core';
import { InputError } from '../errors.js';
import type { PlannedModel } from '../plan/plan-model.js';
import { shapesOf } from '../plan/shapes.js';
import type { Wanted } from './backward.js';
import { memoryOf } from './memory.js';

const GIB = 2 ** 30;

/**
 * Bytes that tensors may take by backend. The wasm heap ends at 4 GiB, never shrinks, and beyond its end tensors are
 * overwritten in silence, so a part is left free. What a GPU has is not to be asked; two GiB most have. The cpu backend
 * has no limit of its own.
 */
const BUDGETS: Readonly<Record<string, number>> = { wasm: 3.4 * GIB, webgl: 2 * GIB, webgpu: 2 * GIB };

/** How many times a weight lies in memory: as a tensor, and on wasm transposed and packed besides. */
const COPIES: Readonly<Record<string, number>> = { wasm: 3 };

/**
 * How many samples may run at once.
 *
 * @param budget Bytes that all tensors together may take; default that of the backend.
 * @returns `batch` itself wherever nothing is known of a limit, or of the shapes.
 * @throws InputError when the results of all samples alone do not fit.
 */
export function samplesAtOnce(
  plan: PlannedModel,
  inputs: readonly tf.Tensor[],
  wanted: Wanted,
  targets: number,
  budget: number | undefined,
): number {
  const backend = tf.getBackend();
  const limit = budget ?? BUDGETS[backend] ?? Number.POSITIVE_INFINITY;
  const batch = inputs[0]?.shape[0] ?? 1;
  // A model for so many samples and no others cannot be given fewer.
  const fixed = plan.inputs.some((port) => port.shape[0] !== null);
  if (batch === 1 || fixed || limit === Number.POSITIVE_INFINITY) return batch;
  const one = inputs.map((input) => [1, ...input.shape.slice(1)]);
  const { kept, peak } = memoryOf(plan, shapesOf(plan.graph, one, new Map(), 1), wanted, true);
  const copies = COPIES[backend] ?? 1;
  const resident = tf.memory().numBytes + (copies - 1) * (plan.weightBytes + plan.derived.bytes);
  const results = targets * kept * batch;
  if (resident + results > limit) throw tooMuch(batch, resident, results, limit);
  return Math.max(1, Math.min(batch, Math.floor((limit - resident - results) / (targets * peak))));
}

function tooMuch(batch: number, resident: number, results: number, limit: number): InputError {
  const mib = (bytes: number) => `${Math.ceil(bytes / 2 ** 20)} MiB`;
  return new InputError(
    `The relevances of ${batch} samples take ${mib(results)} besides ${mib(resident)} in use, more than the ${mib(limit)} there ` +
      "are. Explain fewer samples at once, keep fewer layers ({keep: 'inputs'}), or raise {memoryBudget} if there is more.",
  );
}
