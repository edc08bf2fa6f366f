import * as tf from '@tensorflow/tfjs-core';
import { InternalError } from '../errors.js';
import type { DerivedTensors } from '../tensors/derived.js';
import * as ops from '../tensors/ops.js';
import type { EdgeId, StepGraph } from './graph.js';
import { applyNormalize } from './normalize.js';
import { scanForward } from './scan.js';
import type { LinearStep, ScanStep, Step } from './step.js';

/** Runs one step forward. The result is new; the inputs stay the caller's. */
export function runStep(step: Step, xs: readonly tf.Tensor[], derived: DerivedTensors): tf.Tensor {
  const [x] = xs;
  if (!x) throw new InternalError(`step "${step.name}" has no input`);
  const read = (weight: Parameters<DerivedTensors['read']>[0]) => derived.read(weight);
  return tf.tidy(() => {
    switch (step.kind) {
      case 'linear':
        return runLinear(step, xs, derived);
      case 'elementwise':
        return step.apply(x, read);
      case 'select':
        return step.apply(xs, read);
      case 'bilinear':
      case 'relabel':
      case 'opaque':
        return step.apply(xs);
      case 'softmax':
        return runSoftmax(masked(x, xs[1]), step.axis, step.logarithm);
      case 'normalize':
        return applyNormalize(step, x, read);
      case 'scan':
        return runScan(step, xs, derived);
    }
  });
}

/** Runs a graph and answers its outputs, which are new; the inputs stay the caller's. */
export function runGraph(graph: StepGraph, inputs: readonly tf.Tensor[], derived: DerivedTensors): tf.Tensor[] {
  return tf.tidy(() => {
    const values = new Map<EdgeId, tf.Tensor>();
    const read = (edge: EdgeId): tf.Tensor => {
      const value = values.get(edge);
      if (!value) throw new InternalError(`edge ${edge} has no value`);
      return value;
    };
    graph.inputs.forEach((edge, index) => {
      const input = inputs[index];
      if (input) values.set(edge, input);
    });
    for (const node of graph.nodes) values.set(node.output, runStep(node.step, node.inputs.map(read), derived));
    // An output that is an input, or twice the same, is copied so that every answer can be disposed on its own.
    const seen = new Set<tf.Tensor>(inputs);
    return graph.outputs.map(read).map((output) => {
      const own = seen.has(output) ? ops.reshape(output, output.shape) : output;
      seen.add(own);
      return own;
    });
  });
}

function runScan(step: ScanStep, xs: readonly tf.Tensor[], derived: DerivedTensors): tf.Tensor {
  const times = scanForward(step, xs, derived, null);
  for (;;) {
    const next = times.next();
    if (next.done) return next.value;
  }
}

function runLinear(step: LinearStep, xs: readonly tf.Tensor[], derived: DerivedTensors): tf.Tensor {
  const bias = step.bias ? derived.read(step.bias) : null;
  const prepared = step.kernel
    ? derived.get(step.kernel, `forward:${step.map.name}:${tf.getBackend()}`, (kernel) =>
        step.map.prepareForward(kernel),
      )
    : [];
  return step.map.forward(xs, prepared, bias);
}

/** `x` where the mask is 1; far below everything else where it is 0, by as much as in tfjs. */
function masked(x: tf.Tensor, mask: tf.Tensor | undefined): tf.Tensor {
  return mask ? ops.add(x, ops.mul(ops.sub(1, mask), -1e9)) : x;
}

/** tfjs computes softmax along the last axis only, so another axis is moved there and back. */
function runSoftmax(x: tf.Tensor, axis: number, logarithm: boolean): tf.Tensor {
  const last = x.rank - 1;
  const along = axis < 0 ? axis + x.rank : axis;
  const f = logarithm ? tf.logSoftmax : tf.softmax;
  if (along === last) return f(x, last);
  const order = x.shape.map((_, index) => index);
  [order[along], order[last]] = [last, along];
  return tf.transpose(f(tf.transpose(x, order), last), order);
}
