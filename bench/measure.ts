import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type Plan, type PresetName, plan } from '../src/index.js';
import { count } from './kernels.js';
import { filled, randomNumbers } from './networks/random-weights.js';
import type { Row } from './row.js';
import { RANGE, rulesOf } from './rules.js';
import { median, ratio, type Time, time } from './time.js';

/** What all measurements of a run share. */
export interface Setting {
  readonly backend: string;
  readonly batch: number;
  /** Timed calls of everything, one after the other in turns. */
  readonly runs: number;
}

/** A network that has been called once, and what its calls cost. */
export interface Subject {
  readonly name: string;
  readonly model: LayersModel;
  readonly input: tf.Tensor;
  readonly multiplyAdds: number;
}

/** Makes the input and warms the network up. The caller disposes the input. */
export async function subjectOf(name: string, model: LayersModel, batch: number): Promise<Subject> {
  const shape = [batch, ...(model.inputs[0]?.shape ?? []).slice(1).map((size) => size ?? 1)];
  const input = tf.tensor(filled(shape, RANGE[0], RANGE[1], randomNumbers(7)), shape);
  predict(model, input);
  const { multiplyAdds } = await count(() => model.predict(input) as tf.Tensor); // The networks have one output.
  return { name, model, input, multiplyAdds };
}

/** Measures one set of rules on one network; with `ledger` also what the ledger costs. */
export async function measure(subject: Subject, rules: PresetName, setting: Setting, ledger: boolean): Promise<Row> {
  const { name, model, input, multiplyAdds } = subject;
  const planned = time(() => plan(model, rulesOf(rules), { inputRange: RANGE }));
  const first = time(() => explain(planned.result, input, true));
  const calls = inTurns(setting.runs, [
    () => predict(model, input),
    () => explain(planned.result, input, true),
    ...(ledger ? [() => explain(planned.result, input, false)] : []),
  ]);
  const [predicts = [], explains = [], withoutLedger] = calls;
  const counted = await count(() => planned.result.explain(input));
  planned.result.dispose();
  const predictMs = median(predicts.map((one) => one.cpu));
  return {
    network: name,
    backend: setting.backend,
    rules,
    batch: setting.batch,
    ratioCpu: ratio(explains, predicts, 'cpu'),
    ratioWall: ratio(explains, predicts, 'wall'),
    operations: counted.multiplyAdds / multiplyAdds,
    peakBytes: counted.peakBytes,
    weightBytes: bytesOf(model.weights.map((weight) => weight.shape)),
    activationBytes: setting.batch * bytesOf(model.layers.map((layer) => layer.outputShape as (number | null)[])), // One output each.
    planOverPredict: planned.time.cpu / predictMs,
    firstCallOverPredict: first.time.cpu / predictMs,
    ledgerRatio: withoutLedger ? ratio(explains, withoutLedger, 'cpu') : null,
    predictMs,
    explainMs: median(explains.map((one) => one.cpu)),
  };
}

/** Times several pieces of work in turns, so that a busy machine disturbs all of them alike. */
function inTurns(runs: number, works: readonly (() => void)[]): Time[][] {
  const times = works.map((): Time[] => []);
  for (let run = 0; run < runs; run++) {
    for (const [index, work] of works.entries()) times[index]?.push(time(work).time);
  }
  return times;
}

function predict(model: LayersModel, input: tf.Tensor): void {
  tf.dispose(model.predict(input));
}

function explain(planned: Plan, input: tf.Tensor, ledger: boolean): void {
  planned.explain(input, { ledger }).dispose();
}

/** Bytes of float tensors; an unknown size, the batch, counts as one. */
function bytesOf(shapes: readonly (readonly (number | null)[])[]): number {
  return shapes.reduce((total, shape) => total + 4 * shape.reduce<number>((size, axis) => size * (axis ?? 1), 1), 0);
}
