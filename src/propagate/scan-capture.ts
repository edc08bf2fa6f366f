import * as tf from '@tensorflow/tfjs-core';
import { InternalError } from '../errors.js';
import type { PlannedGraph } from '../plan/plan-graph.js';
import type { EdgeId } from '../steps/graph.js';
import { initialStates, packAnswers, unpackAnswers } from '../steps/scan.js';
import type { ScanStep } from '../steps/step.js';
import { shaped } from '../steps/time.js';
import * as ops from '../tensors/ops.js';
import { TensorPool } from '../tensors/pool.js';
import { type Shape, sizeOf } from '../tensors/shape.js';
import { type Capture, forward } from './forward.js';

/** Most time steps run at once. */
const STRETCH = 32;

/** Numbers of captured values that may be there at a time, over all time steps run at once. */
const BUDGET = 2 ** 18;

/** What {@link ScanCapture} is given. Tensors are the caller's. */
interface ScanValues {
  readonly xs: readonly tf.Tensor[];
  /** What each time step answered, `[batch, time, Σ sizes]`. */
  readonly record: tf.Tensor;
}

/**
 * What the rules need of the time steps of a scan, from the last to the first. The states before each are on record, so
 * a stretch of time steps can be run again at once, as one large batch; how many at a time is a matter of memory.
 */
export class ScanCapture {
  /** How many time steps there are. */
  readonly times: number;
  private readonly batch: number;
  private length = 1;
  private first: number;
  private captured: readonly Capture[] = [];
  private slices: readonly tf.Tensor[] = [];

  /** @param held Holds what is captured: whoever needs some of it for longer holds it there, too. */
  constructor(
    private readonly body: PlannedGraph,
    private readonly step: ScanStep,
    private readonly values: ScanValues,
    private readonly held: TensorPool,
  ) {
    const [batch = 1, times = 0] = values.record.shape;
    this.batch = batch;
    this.times = times;
    this.first = times;
  }

  /** What was captured at a time step; it stays this object's, and lives until an earlier stretch is asked for. */
  at(time: number): Capture {
    if (time < this.first) this.run(time);
    const capture = this.captured[time - this.first];
    if (!capture) throw new InternalError(`time step ${time} of ${this.times} was not captured`);
    return capture;
  }

  /** Ends everything captured; may be called twice. */
  dispose(): void {
    for (const slice of this.slices) this.held.release(slice);
    this.slices = [];
    this.captured = [];
  }

  /** Runs the stretch that ends with `last`. */
  private run(last: number): void {
    this.dispose();
    const length = Math.min(this.length, last + 1);
    this.first = last + 1 - length;
    const pool = new TensorPool();
    const inputs = this.inputsOf(this.first, length);
    try {
      const capture = drain(forward(this.body, inputs, [], false, pool, null));
      this.captured = this.cut(capture, length);
    } finally {
      pool.disposeAll();
      for (const input of inputs) input.dispose();
    }
  }

  /** Slices and states of a stretch of time, batch and time on one axis. */
  private inputsOf(first: number, length: number): tf.Tensor[] {
    const { xs } = this.values;
    return tf.tidy(() => {
      const slices = xs.slice(0, this.step.sequences).map((sequence) => {
        const from = this.step.backwards ? this.times - first - length : first;
        const stretch = stretchOf(sequence, from, length);
        return fold(this.step.backwards ? tf.reverse(stretch, 1) : stretch, sequence.shape.slice(2));
      });
      return [...slices, ...this.statesOf(first, length)];
    });
  }

  /** States before each of the time steps: what the ones before answered. */
  private statesOf(first: number, length: number): tf.Tensor[] {
    const { states } = this.step;
    if (states.length === 0) return [];
    const known = first + length - 1 - Math.max(0, first - 1);
    const recorded = stretchOf(this.values.record, Math.max(0, first - 1), known);
    const width = this.values.record.shape[2] ?? 0;
    const packed = first > 0 ? recorded : tf.concat([this.packedStart(width), recorded], 1);
    return unpackAnswers(this.step, ops.reshape(packed, [this.batch * length, width])).slice(0, states.length);
  }

  /** The initial states as if a time step had answered them, `[batch, 1, Σ sizes]`. */
  private packedStart(width: number): tf.Tensor {
    const states = packAnswers(initialStates(this.step, this.values.xs));
    const missing = width - (states.shape[1] ?? 0);
    const whole = missing > 0 ? tf.pad(states, [[0, 0], [0, missing]]) : states; // biome-ignore format: one row per axis
    return ops.reshape(whole, [this.batch, 1, width]);
  }

  /** The capture of a stretch as one capture for each of its time steps. */
  private cut({ xs, y, shapes }: Capture, length: number): Capture[] {
    const slices = new Map<tf.Tensor, readonly tf.Tensor[]>();
    for (const tensor of new Set([...[...xs.values()].flat(), ...y.values()])) {
      slices.set(tensor, this.unfold(tensor, length));
    }
    this.slices = [...slices.values()].flat();
    this.length = lengthFor([...slices.keys()].reduce((sum, tensor) => sum + tensor.size / length, 0));
    const perStep = new Map<EdgeId, Shape>([...shapes].map(([edge, [, ...rest]]) => [edge, [this.batch, ...rest]]));
    const at = (tensor: tf.Tensor, time: number): tf.Tensor => slices.get(tensor)?.[time] ?? tensor;
    return Array.from({ length }, (_, time) => ({
      xs: new Map([...xs].map(([node, list]) => [node, list.map((x) => at(x, time))])),
      y: new Map([...y].map(([node, output]) => [node, at(output, time)])),
      shapes: perStep,
      values: new Map(),
    }));
  }

  private unfold(tensor: tf.Tensor, length: number): tf.Tensor[] {
    const [, ...rest] = tensor.shape;
    const slices = tf.tidy(() => {
      const flat = ops.reshape(tensor, [this.batch, length, sizeOf(rest)]);
      return tf.unstack(flat, 1).map((slice) => shaped(slice, [this.batch, ...rest]));
    });
    return slices.map((slice) => this.held.retain(slice));
  }
}

function lengthFor(size: number): number {
  return Math.max(1, Math.min(STRETCH, Math.floor(BUDGET / Math.max(1, size))));
}

/** `length` time steps of `[batch, time, ...]`, the features flat. */
function stretchOf(sequence: tf.Tensor, from: number, length: number): tf.Tensor {
  const [batch = 1, times = 0, ...rest] = sequence.shape;
  const size = sizeOf(rest);
  return tf.slice(ops.reshape(sequence, [batch, times, size]), [0, from, 0], [batch, length, size]);
}

function fold(stretch: tf.Tensor, rest: Shape): tf.Tensor {
  const [batch = 1, length = 1] = stretch.shape;
  return ops.reshape(stretch, [batch * length, ...rest]);
}

function drain<T>(steps: Generator<unknown, T>): T {
  for (;;) {
    const next = steps.next();
    if (next.done) return next.value;
  }
}
