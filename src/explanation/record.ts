import * as tf from '@tensorflow/tfjs-core';
import { InputError } from '../errors.js';
import type { PlanCall } from '../plan/plan-calls.js';
import type { PlanRow } from '../plan/rows.js';
import { type HeldSums, knownSums, readSums } from '../propagate/held-sums.js';
import { COLUMNS } from '../propagate/ledger-book.js';
import { formatShape, sizeOf } from '../tensors/shape.js';
import { version } from '../version.js';
import { readLedger, type StepLabel } from './conservation.js';
import { assemble, type Explanation, type ExplanationData, type LayerRelevance, type Tidiable } from './explanation.js';
import type { Ledger } from './ledger.js';
import { printable } from './plan-summary.js';

/** Numbers of a tensor in a portable form. */
export interface TensorRecord {
  /** Sizes of the axes, batch first. */
  readonly shape: readonly number[];
  /** Row by row. JSON has no NaN or infinity: they are written as text. */
  readonly data: readonly (number | string)[];
}

/** An explanation as plain JSON data. */
export interface ExplanationRecord {
  /** Tells the record from other JSON. */
  readonly format: 'tfjs-lrp/explanation';
  /** Version of the format. */
  readonly version: 1;
  /** Backend that computed it. */
  readonly backend: string;
  /** Version of TensorFlow.js. */
  readonly tfjs: string;
  /** Version of this library. */
  readonly library: string;
  /** How it was explained. */
  readonly plan: {
    readonly model: string;
    readonly rules: string;
    readonly chosen: string | null;
    readonly rows: readonly PlanRow[];
    readonly warnings: readonly string[];
    readonly calls: readonly PlanCall[];
  };
  /** Short hash over the plan's rows: equal for the same architecture under the same rules. */
  readonly fingerprint: string;
  /** What was explained. */
  readonly target: {
    readonly place: string;
    readonly quantity: 'logit' | 'score';
    readonly start: 'score' | 'one' | 'custom';
    readonly scores: TensorRecord;
    readonly weights: TensorRecord;
    readonly relevance: TensorRecord;
  };
  /** Relevance of the inputs. */
  readonly inputs: readonly { readonly name: string; readonly relevance: TensorRecord }[];
  /** Values of the outputs. */
  readonly outputs: readonly { readonly name: string; readonly link: string | null; readonly value: TensorRecord }[];
  /** Relevance of the layer calls that were kept. */
  readonly layers: readonly {
    readonly address: string;
    readonly layerType: string;
    readonly inputs: readonly TensorRecord[];
    readonly outputs: readonly TensorRecord[];
  }[];
  /** The ledger's table, and what it is read from; null when none was kept. */
  readonly ledger: {
    readonly table: Omit<Ledger, 'toString'>;
    readonly sums: TensorRecord;
    readonly outputs: TensorRecord;
    readonly labels: readonly StepLabel[];
    readonly watched: readonly StepLabel[];
  } | null;
}

/** Reads every tensor of an explanation into plain data. */
export async function recordOf(data: ExplanationData): Promise<ExplanationRecord> {
  const { plan, target, ledger } = data;
  return {
    format: 'tfjs-lrp/explanation',
    version: 1,
    backend: tf.getBackend(),
    tfjs: tf.version_core,
    library: version,
    plan: {
      model: plan.model,
      rules: plan.rules,
      chosen: plan.chosen,
      rows: plan.rows,
      warnings: plan.warnings,
      calls: plan.calls,
    },
    fingerprint: plan.fingerprint,
    target: {
      place: target.place,
      quantity: target.quantity,
      start: target.start,
      scores: await tensorRecord(target.scores),
      weights: await tensorRecord(target.weights),
      relevance: await tensorRecord(target.relevance),
    },
    inputs: await Promise.all(
      data.inputs.map(async ({ name, relevance }) => ({ name, relevance: await tensorRecord(relevance) })),
    ),
    outputs: await Promise.all(
      data.outputs.map(async ({ name, link, value }) => ({ name, link, value: await tensorRecord(value) })),
    ),
    layers: await Promise.all(Object.values(data.layers).map(layerRecord)),
    ledger: ledger && {
      table: await readLedger(ledger),
      sums: await sumsRecord(ledger.sums, [ledger.labels.length, COLUMNS.length]),
      outputs: await sumsRecord(ledger.outputs, [ledger.watched.length]),
      labels: ledger.labels,
      watched: ledger.watched,
    },
  };
}

/**
 * An explanation from what {@link Explanation.toJSON} wrote, or from its text. The tensors are new and the caller's.
 *
 * @throws InputError when the record is something else, or of a version this library does not know.
 */
export function fromJSON(json: ExplanationRecord | string): Explanation & Tidiable {
  const record = typeof json === 'string' ? parse(json) : json;
  if (record?.format !== 'tfjs-lrp/explanation' || record.version !== 1) {
    throw new InputError(
      `This is no explanation of version 1: format ${String(record?.format)}, version ${String(record?.version)}.`,
    );
  }
  // A record that breaks off half way leaves nothing behind.
  return tf.tidy(() => explanationIn(record));
}

function parse(text: string): ExplanationRecord {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`This text is no JSON: ${String(error)}. Expected what toJSON() answers, written as JSON.`);
  }
}

function explanationIn({ plan, target, ledger, ...record }: ExplanationRecord): Explanation & Tidiable {
  const inputs = record.inputs.map(({ name, relevance }) => ({ name, relevance: tensorOf(relevance) }));
  const relevance = tensorOf(target.relevance);
  return assemble({
    inputs,
    outputs: record.outputs.map(({ name, link, value }) => ({ name, link, value: tensorOf(value) })),
    target: { ...target, scores: tensorOf(target.scores), weights: tensorOf(target.weights), relevance },
    layers: Object.fromEntries(record.layers.map((layer) => [layer.address, readLayer(layer)])),
    plan: printable(plan),
    ledger: ledger && {
      sums: sumsOf(ledger.sums, relevance),
      outputs: sumsOf(ledger.outputs, relevance),
      labels: ledger.labels,
      watched: ledger.watched,
      started: relevance,
      arrived: inputs.map((input) => input.relevance),
    },
  });
}

async function layerRecord(layer: LayerRelevance) {
  const { address, layerType } = layer;
  const inputs = await Promise.all(layer.inputs.map(tensorRecord));
  const outputs = await Promise.all(layer.outputs.map(tensorRecord));
  return { address, layerType, inputs, outputs };
}

function readLayer(layer: ExplanationRecord['layers'][number]): LayerRelevance {
  const outputs = layer.outputs.map(tensorOf);
  const [output] = outputs;
  if (!output) throw new InputError(`The record of layer "${layer.address}" has no output.`);
  return { address: layer.address, layerType: layer.layerType, inputs: layer.inputs.map(tensorOf), outputs, output };
}

async function tensorRecord(tensor: tf.Tensor): Promise<TensorRecord> {
  return numbersRecord(await tensor.data(), tensor.shape);
}

async function sumsRecord(sums: HeldSums, shape: readonly number[]): Promise<TensorRecord> {
  return numbersRecord(await readSums(sums), [...shape, sums.batch]);
}

function numbersRecord(values: ArrayLike<number>, shape: readonly number[]): TensorRecord {
  return { shape, data: Array.from(values, (value) => (Number.isFinite(value) ? value : String(value))) };
}

function tensorOf(record: TensorRecord): tf.Tensor {
  return tf.tensor(numbersOf(record), [...record.shape], 'float32');
}

/** Sums of as many samples as this relevance has. */
function sumsOf(record: TensorRecord, relevance: tf.Tensor): HeldSums {
  return knownSums(Float64Array.from(numbersOf(record)), relevance.shape[0] ?? 1);
}

function numbersOf({ shape, data }: TensorRecord): number[] {
  if (data.length !== sizeOf(shape)) {
    throw new InputError(`The record is damaged: ${data.length} numbers for a tensor of shape ${formatShape(shape)}.`);
  }
  return data.map(Number);
}
