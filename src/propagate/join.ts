import * as tf from '@tensorflow/tfjs-core';
import { InternalError } from '../errors.js';
import { detachSums, finishSums, type HeldSums, joinSums, tensorsOfSums } from './held-sums.js';
import type { Propagated } from './run.js';

/** The numbers of tensors that have been ended, by tensor. */
export type Aside = Map<tf.Tensor, Float32Array>;

/** Reads the relevances of a part into arrays and ends their tensors. For backends that hold them in plain memory. */
export function setAside({ inputs, calls, steps }: Propagated, aside: Aside): void {
  const inCalls = calls.flatMap((call) => [...call.inputs, ...call.outputs]);
  for (const tensor of [...inputs, ...inCalls, ...steps.map(({ relevance }) => relevance)]) {
    if (tensor.isDisposed || tensor.dtype !== 'float32') continue;
    aside.set(tensor, tensor.dataSync<'float32'>());
    tensor.dispose();
  }
}

/** The part with the ledger's sums finished; the tensors that were left of them end. */
export function finishLedger(run: Propagated): Propagated {
  return withSums(run, (sums) => finishSums(sums, (tensor) => tensor.dataSync<'float32'>()));
}

/** The part with sums that do not need its relevances any more, which will end. */
export function detachLedger(run: Propagated): Propagated {
  return withSums(run, detachSums);
}

function withSums(run: Propagated, change: (sums: HeldSums) => HeldSums): Propagated {
  const { ledger } = run;
  return ledger ? { ...run, ledger: { ...ledger, sums: change(ledger.sums), outputs: change(ledger.outputs) } } : run;
}

/** Puts the results of parts of a batch together; their tensors end, one after the other. */
export function joinBatches(parts: readonly Propagated[], aside: Aside): Propagated {
  const [first] = parts;
  if (!first) throw new InternalError('a batch without parts');
  if (parts.length === 1 && aside.size === 0) return first;
  const joined = new Map<tf.Tensor, tf.Tensor>();
  // A tensor may stand in several places of a result; so does what it becomes.
  const join = (read: (part: Propagated) => tf.Tensor | undefined): tf.Tensor => {
    const own = parts.map((part) => required(read(part)));
    const known = joined.get(required(own[0]));
    if (known) return known;
    const whole = bringBack(own, aside) ?? tf.concat(own);
    joined.set(required(own[0]), whole);
    for (const tensor of own) tensor.dispose();
    return whole;
  };
  return {
    place: first.place,
    inputs: first.inputs.map((_, index) => join((part) => part.inputs[index])),
    outputs: first.outputs.map((_, index) => join((part) => part.outputs[index])),
    calls: first.calls.map(({ taps, inputs, outputs }, call) => ({
      taps,
      inputs: inputs.map((_, index) => join((part) => part.calls[call]?.inputs[index])),
      outputs: outputs.map((_, index) => join((part) => part.calls[call]?.outputs[index])),
    })),
    steps: first.steps.map(({ step }, index) => ({ step, relevance: join((part) => part.steps[index]?.relevance) })),
    seed: {
      relevance: join(({ seed }) => seed.relevance),
      scores: join(({ seed }) => seed.scores),
      weights: join(({ seed }) => seed.weights),
    },
    ledger: first.ledger && {
      nodes: first.ledger.nodes,
      sums: joinSums(parts.map(({ ledger }) => required(ledger?.sums))),
      watched: first.ledger.watched,
      outputs: joinSums(parts.map(({ ledger }) => required(ledger?.outputs))),
    },
  };
}

/** Tensors that were set aside as one, along the batch; null where they were not. */
function bringBack(own: readonly tf.Tensor[], aside: Aside): tf.Tensor | null {
  const arrays = own.map((tensor) => aside.get(tensor));
  if (arrays.some((array) => array === undefined)) return null;
  const whole = new Float32Array(own.reduce((sum, { size }) => sum + size, 0));
  let offset = 0;
  for (const [index, tensor] of own.entries()) {
    whole.set(required(arrays[index]), offset);
    offset += tensor.size;
    aside.delete(tensor);
  }
  const samples = own.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0);
  return tf.tensor(whole, [samples, ...required(own[0]).shape.slice(1)]);
}

/** Every tensor of a result. */
export function tensorsOfRun(run: Propagated): tf.Tensor[] {
  const { inputs, outputs, calls, steps, seed, ledger } = run;
  return [
    ...inputs,
    ...outputs,
    ...calls.flatMap((call) => [...call.inputs, ...call.outputs]),
    ...steps.map(({ relevance }) => relevance),
    ...[seed.relevance, seed.scores, seed.weights],
    ...(ledger ? [...tensorsOfSums(ledger.sums), ...tensorsOfSums(ledger.outputs)] : []),
  ];
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new InternalError('the parts of a batch differ');
  return value;
}
