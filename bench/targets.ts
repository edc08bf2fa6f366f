import { plan } from '../src/index.js';
import { textTable } from '../src/text-table.js';
import { inputFor, predict } from './input.js';
import { mobileNetV1 } from './networks/mobilenet-v1.js';
import { setRandomWeights } from './networks/random-weights.js';
import { RANGE } from './rules.js';
import { inTurns, medianTime, ratio, type Turns } from './time.js';

/** What several targets of one input cost at once, and one by one. */
export interface TargetsRow {
  readonly measure: 'targets';
  readonly network: string;
  readonly rules: string;
  /** How many classes are explained. */
  readonly targets: number;
  /** Median CPU milliseconds of one `plan.explainTargets`. */
  readonly togetherMs: number;
  /** Median CPU milliseconds of as many `plan.explain`. */
  readonly singlyMs: number;
  /** Median over runs of the time together in units of the time one by one. */
  readonly ratioCpu: number;
  /** Time together in units of one prediction. */
  readonly overPredict: number;
}

const COUNTS = [1, 2, 4, 8];

/** MobileNetV1 of a quarter of the width by epsilon-plus, for growing numbers of classes. */
export function measureTargets(turns: Turns): TargetsRow[] {
  const [network, rules] = ['MobileNetV1-0.25', 'epsilon-plus'] as const;
  const model = mobileNetV1(0.25);
  setRandomWeights(model);
  const [planned, input] = [plan(model, rules, { inputRange: RANGE }), inputFor(model, 1)];
  const works = COUNTS.flatMap((count) => {
    const targets = Array.from({ length: count }, (_, unit) => unit);
    return [
      () => {
        for (const one of planned.explainTargets(input, targets)) one.dispose();
      },
      () => {
        for (const target of targets) planned.explain(input, { target }).dispose();
      },
    ];
  });
  const [predicts = [], ...pairs] = inTurns([() => predict(model, input), ...works], turns);
  for (const used of [planned, input, model]) used.dispose();
  return COUNTS.map((targets, index) => {
    const [together = [], singly = []] = pairs.slice(2 * index, 2 * index + 2);
    return {
      measure: 'targets',
      network,
      rules,
      targets,
      togetherMs: medianTime(together, 'cpu'),
      singlyMs: medianTime(singly, 'cpu'),
      ratioCpu: ratio(together, singly, 'cpu'),
      overPredict: ratio(together, predicts, 'cpu'),
    };
  });
}

/** The rows as text. */
export function tableOfTargets(rows: readonly TargetsRow[]): string {
  const head = ['network', 'rules', 'targets', 'together ms', 'singly ms', 'together / singly', 'together / predict'];
  const body = rows.map((row) => [
    row.network,
    row.rules,
    String(row.targets),
    row.togetherMs.toFixed(1),
    row.singlyMs.toFixed(1),
    row.ratioCpu.toFixed(2),
    row.overPredict.toFixed(2),
  ]);
  return textTable([head, ...body], [2, 3, 4, 5, 6]);
}
