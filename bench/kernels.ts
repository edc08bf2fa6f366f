import * as tf from '@tensorflow/tfjs-core';
import { every, type KernelChoices, kernelChoices, type Way } from '../src/kernels/choices.js';
import { convOp } from '../src/kernels/conv-op.js';
import { denseOpBy } from '../src/kernels/dense-op.js';
import { depthwiseOp } from '../src/kernels/depthwise-op.js';
import type { LinearOp } from '../src/kernels/linear-op.js';
import { textTable } from '../src/text-table.js';
import { inTurns, medianTime, type Turns } from './time.js';

/** The adjoint of one layer, computed in both ways: what the table of kernels by backend is chosen by. */
export interface KernelRow {
  readonly measure: 'kernels';
  readonly backend: string;
  /** The entry of the table. */
  readonly choice: keyof KernelChoices;
  readonly layer: string;
  /** What the library takes on this backend. */
  readonly taken: Way;
  /** Median CPU milliseconds; NaN where the backend lacks the kernel. */
  readonly composedMs: number;
  readonly nativeMs: number;
}

interface Layer {
  readonly choice: keyof KernelChoices;
  readonly layer: string;
  readonly input: readonly number[];
  readonly kernel: readonly number[];
  readonly op: (choices: () => KernelChoices) => LinearOp;
}

const same = (stride: number) => ({ strides: [stride, stride], dilations: [1, 1], padding: 'same' }) as const;

/** Layers as VGG16, ResNet50 and MobileNet have them. */
const LAYERS: readonly Layer[] = [
  convolution('convAdjoint', 1, [56, 56, 64], [3, 3, 64, 64]),
  convolution('convAdjoint', 1, [14, 14, 256], [1, 1, 256, 256]),
  convolution('stridedConvAdjoint', 2, [224, 224, 3], [7, 7, 3, 64]),
  convolution('stridedConvAdjoint', 2, [56, 56, 128], [3, 3, 128, 128]),
  convolution('stridedConvAdjoint', 2, [56, 56, 256], [1, 1, 256, 128]),
  depthwise([112, 112, 64]),
  depthwise([28, 28, 256]),
  dense(1),
  dense(8),
];

function convolution(
  choice: 'convAdjoint' | 'stridedConvAdjoint',
  stride: number,
  input: readonly number[],
  kernel: readonly number[],
): Layer {
  const layer = `Conv2D ${kernel.join('x')} / ${stride} of ${input.join('x')}`;
  return { choice, layer, input: [1, ...input], kernel, op: (choices) => convOp(same(stride), choices) };
}

function depthwise(input: readonly [number, number, number]): Layer {
  return {
    choice: 'stridedDepthwiseAdjoint',
    layer: `DepthwiseConv2D 3x3 / 2 of ${input.join('x')}`,
    input: [1, ...input],
    kernel: [3, 3, input[2], 1],
    op: (choices) => depthwiseOp(same(2), choices),
  };
}

function dense(batch: number): Layer {
  const kernel = [4096, 1024];
  return {
    choice: 'denseAdjoint',
    layer: `Dense ${kernel.join('x')}, batch ${batch}`,
    input: [batch, 4096],
    kernel,
    op: denseOpBy,
  };
}

/** Both ways of every layer, in turns. */
export function measureKernels(turns: Turns): KernelRow[] {
  return LAYERS.map(({ choice, layer, input, kernel, op }) => {
    const w = tf.randomNormal([...kernel]);
    const both = (['composed', 'native'] as const).map((way) => op(() => every(way)));
    const s = tf.randomNormal(both.flatMap((one) => [one.outputShape(input, kernel)])[0] ?? []);
    const works = both.map((one) => {
      const prepared = one.adjoint.prepare(w);
      const run = () => one.adjoint.run(s, prepared, input).dispose();
      return { run, end: () => tf.dispose(prepared), runs: doesRun(run) };
    });
    const times = inTurns(
      works.filter(({ runs }) => runs).map(({ run }) => run),
      turns,
    );
    const [composedMs, nativeMs] = works.map(({ runs }) =>
      runs ? medianTime(times.shift() ?? [], 'cpu') : Number.NaN,
    );
    for (const { end } of works) end();
    tf.dispose([w, s]);
    return {
      measure: 'kernels',
      backend: tf.getBackend(),
      choice,
      layer,
      taken: kernelChoices()[choice],
      composedMs: composedMs ?? Number.NaN,
      nativeMs: nativeMs ?? Number.NaN,
    };
  });
}

/** Whether the backend has the kernel. */
function doesRun(run: () => void): boolean {
  try {
    run();
    return true;
  } catch {
    return false;
  }
}

/** The rows as text. */
export function tableOfKernels(rows: readonly KernelRow[]): string {
  const ms = (value: number) => (Number.isNaN(value) ? 'missing' : value.toFixed(2));
  const body = rows.map((row) => [row.backend, row.choice, row.layer, ms(row.composedMs), ms(row.nativeMs), row.taken]);
  return textTable([['backend', 'choice', 'layer', 'composed ms', 'native ms', 'taken'], ...body], [3, 4]);
}
