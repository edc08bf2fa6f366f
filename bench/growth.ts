import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type Plan, type PresetName, plan } from '../src/index.js';
import { textTable } from '../src/text-table.js';
import { inputFor } from './input.js';
import { denseChain } from './networks/dense-chain.js';
import { lstmOver } from './networks/lstm.js';
import { mobileNetV1 } from './networks/mobilenet-v1.js';
import { setRandomWeights } from './networks/random-weights.js';
import { peakBytesOf } from './peak.js';
import { RANGE, rulesOf } from './rules.js';
import { inTurns, medianTime, type Turns } from './time.js';

/** How the cost of an explanation follows one size of the problem. */
interface Curve {
  readonly name: string;
  /** What is counted: sample, layer, time step. */
  readonly unit: string;
  readonly rules: PresetName;
  readonly sizes: readonly number[];
  readonly build: (size: number) => LayersModel;
  /** True where the size is that of the batch. */
  readonly samples?: boolean;
}

/** What an explanation costs at one size. */
export interface Point {
  /** Number of units. */
  readonly size: number;
  /** Median CPU milliseconds. */
  readonly explainMs: number;
  /** Largest sum of tensor bytes beyond what is there before and after. */
  readonly peakBytes: number;
}

/** A point, and what a unit of it costs. Growth is linear where `msPerFurther` is the same at all sizes. */
export interface GrowthRow extends Point {
  readonly measure: 'growth';
  readonly curve: string;
  readonly unit: string;
  /** `explainMs / size` */
  readonly msPerUnit: number;
  /** What each unit more than in the point before has cost; null in the first. */
  readonly msPerFurther: number | null;
  /** `peakBytes / size` */
  readonly bytesPerUnit: number;
}

const CURVES: readonly Curve[] = [
  {
    name: 'MobileNetV1-0.25 epsilon-plus over the batch',
    unit: 'sample',
    rules: 'epsilon-plus',
    sizes: [1, 2, 4, 8],
    build: () => mobileNetV1(0.25),
    samples: true,
  },
  {
    name: 'Dense(64) with relu, epsilon, over depth',
    unit: 'layer',
    rules: 'epsilon',
    sizes: [10, 25, 50, 100, 200],
    build: denseChain,
  },
  {
    name: 'LSTM(64) recurrent over the sequence',
    unit: 'step',
    rules: 'recurrent',
    sizes: [125, 250, 500, 1000],
    build: (times) => lstmOver(times),
  },
];

/** Measures the curves whose names match. Sizes of one curve run in turns. */
export async function measureGrowth(only: RegExp, turns: Turns): Promise<GrowthRow[]> {
  const rows: GrowthRow[] = [];
  for (const curve of CURVES.filter(({ name }) => only.test(name))) {
    console.error(curve.name);
    rows.push(...rowsOfCurve(curve, await pointsOf(curve, turns)));
  }
  return rows;
}

/** What units cost, worked out from the points of one curve, smallest first. */
export function rowsOfCurve({ name, unit }: Pick<Curve, 'name' | 'unit'>, points: readonly Point[]): GrowthRow[] {
  return points.map((point, index) => {
    const { size, explainMs, peakBytes } = point;
    const before = points[index - 1];
    return {
      measure: 'growth',
      curve: name,
      unit,
      ...point,
      msPerUnit: explainMs / size,
      msPerFurther: before ? (explainMs - before.explainMs) / (size - before.size) : null,
      bytesPerUnit: peakBytes / size,
    };
  });
}

/** The rows as text. */
export function tableOfGrowth(rows: readonly GrowthRow[]): string {
  const head = [
    'curve',
    'unit',
    'units',
    'explain ms',
    'ms per unit',
    'ms per further unit',
    'peak KiB',
    'KiB per unit',
  ];
  const body = rows.map((row) => [
    row.curve,
    row.unit,
    String(row.size),
    row.explainMs.toFixed(1),
    row.msPerUnit.toFixed(3),
    row.msPerFurther === null ? '' : row.msPerFurther.toFixed(3),
    (row.peakBytes / 2 ** 10).toFixed(0),
    (row.bytesPerUnit / 2 ** 10).toFixed(2),
  ]);
  return textTable([head, ...body], [2, 3, 4, 5, 6, 7]);
}

interface Prepared {
  readonly size: number;
  readonly model: LayersModel;
  readonly planned: Plan;
  readonly input: tf.Tensor;
}

async function pointsOf(curve: Curve, turns: Turns): Promise<Point[]> {
  const all = curve.sizes.map((size) => prepare(curve, size));
  const works = all.map(
    ({ planned, input }) =>
      () =>
        planned.explain(input).dispose(),
  );
  const times = inTurns(works, turns);
  const points: Point[] = [];
  for (const [index, { size, planned, input }] of all.entries()) {
    const baseline = tf.memory().numBytes;
    const peakBytes = (await peakBytesOf(() => planned.explain(input))) - baseline;
    points.push({ size, explainMs: medianTime(times[index] ?? [], 'cpu'), peakBytes });
  }
  for (const { model, planned, input } of all) for (const used of [planned, input, model]) used.dispose();
  return points;
}

function prepare({ build, rules, samples = false }: Curve, size: number): Prepared {
  const model = build(size);
  setRandomWeights(model);
  const planned = plan(model, rulesOf(rules), { inputRange: RANGE });
  return { size, model, planned, input: inputFor(model, samples ? size : 1) };
}
