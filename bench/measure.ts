import type * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type Plan, type PresetName, plan } from '../src/index.js';
import { inputFor, predict } from './input.js';
import { peakBytesOf } from './peak.js';
import { QuietTime } from './quiet-time.js';
import type { Row } from './row.js';
import { RANGE, rulesOf } from './rules.js';
import { inTurns, medianTime, ratio, type Time, type Turns, time, timeAsync } from './time.js';

/** What all measurements of a run share. */
export interface Setting extends Turns {
  readonly backend: string;
  /** Samples per call. */
  readonly batch: number;
}

/** A network that has been called once. */
export interface Subject {
  /** As it is in the table. */
  readonly name: string;
  readonly model: LayersModel;
  /** `[batch, ...]` */
  readonly input: tf.Tensor;
}

/** Makes the input and warms the network up. The caller disposes the input. */
export function subjectOf(name: string, model: LayersModel, batch: number): Subject {
  const input = inputFor(model, batch);
  predict(model, input);
  return { name, model, input };
}

/** Measures one set of rules on one network; with `ledger` also what the ledger costs. */
export async function measure(subject: Subject, rules: PresetName, setting: Setting, ledger: boolean): Promise<Row> {
  const { name, model, input } = subject;
  const { batch } = setting;
  const make = () => plan(model, rulesOf(rules), { inputRange: RANGE });
  const planned = make();
  const first = time(() => explain(planned, input, true));
  const [quietPredict, quietExplain] = [new QuietTime(), new QuietTime()];
  const works = [
    () => quietPredict.run(() => predict(model, input)),
    () => quietExplain.run(() => explain(planned, input, true)),
    () => make().dispose(),
  ];
  const [predicts = [], explains = [], plans = []] = inTurns(works, setting);
  // By themselves: what other work leaves for the garbage collector is paid by whoever comes next.
  const both = [() => explain(planned, input, true), () => explain(planned, input, false)];
  const [withLedger = [], without = []] = ledger ? inTurns(both, setting) : [];
  const reads = ledger ? await readings(planned, input, Math.max(setting.runs, 3)) : [];
  const peakBytes = await peakBytesOf(() => planned.explain(input));
  const { operations } = planned.cost({ batch });
  planned.dispose();
  const predictMs = medianTime(predicts, 'cpu');
  return {
    network: name,
    backend: setting.backend,
    rules,
    batch,
    ratioCpu: ratio(explains, predicts, 'cpu'),
    ratioWall: ratio(explains, predicts, 'wall'),
    ratioQuiet: quietExplain.ms / quietPredict.ms,
    operations,
    peakBytes,
    weightBytes: bytesOf(model.weights.map((weight) => weight.shape)),
    activationBytes: batch * bytesOf(model.layers.map((layer) => layer.outputShape as (number | null)[])), // One output each.
    planOverPredict: medianTime(plans, 'cpu') / predictMs,
    firstCallOverPredict: first.time.cpu / predictMs,
    ledgerRatio: ledger ? ratio(withLedger, without, 'cpu') : null,
    readOverPredict: ledger ? medianTime(reads, 'cpu') / predictMs : null,
    predictMs,
    explainMs: medianTime(explains, 'cpu'),
  };
}

function explain(planned: Plan, input: tf.Tensor, ledger: boolean): void {
  planned.explain(input, { ledger }).dispose();
}

/** Times of reading the ledger of an explanation. */
async function readings(planned: Plan, input: tf.Tensor, runs: number): Promise<Time[]> {
  const times: Time[] = [];
  for (let run = 0; run < runs; run++) {
    const explanation = planned.explain(input);
    times.push(await timeAsync(() => explanation.conservation()));
    explanation.dispose();
  }
  return times;
}

/** Bytes of float tensors; an unknown size, the batch, counts as one. */
function bytesOf(shapes: readonly (readonly (number | null)[])[]): number {
  return shapes.reduce((total, shape) => total + 4 * shape.reduce<number>((size, axis) => size * (axis ?? 1), 1), 0);
}
