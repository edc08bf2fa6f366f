import { plan } from '../src/index.js';
import { textTable } from '../src/text-table.js';
import { inputFor, predict } from './input.js';
import { mobileNetV1 } from './networks/mobilenet-v1.js';
import { setRandomWeights } from './networks/random-weights.js';
import { RANGE } from './rules.js';
import { inTurns, medianTime, type Turns } from './time.js';

/** How many pictures per second are explained, one after the other. */
export interface LiveRow {
  readonly measure: 'live';
  readonly network: string;
  readonly rules: string;
  readonly ledger: boolean;
  /** By median wall time. */
  readonly framesPerSecond: number;
  /** Frames per second of predictions, divided by the operations of an explanation in units of a prediction. */
  readonly allowed: number;
  /** Median wall milliseconds of one frame. */
  readonly wallMs: number;
  /** Median CPU milliseconds of one frame. */
  readonly cpuMs: number;
}

/** MobileNetV1 of a quarter of the width at 224x224 by epsilon-plus: one plan, only the relevance of the input kept. */
export function measureLive(turns: Turns): LiveRow[] {
  const [network, rules] = ['MobileNetV1-0.25', 'epsilon-plus'] as const;
  const model = mobileNetV1(0.25);
  setRandomWeights(model);
  const [planned, input] = [plan(model, rules, { inputRange: RANGE }), inputFor(model, 1)];
  const frames = [false, true].map((ledger) => () => planned.explain(input, { keep: 'inputs', ledger }).dispose());
  const works = [() => predict(model, input), ...frames];
  const [predicts = [], ...explains] = inTurns(works, turns);
  const { operations } = planned.cost({ keep: 'inputs' });
  for (const used of [planned, input, model]) used.dispose();
  const allowed = 1000 / (medianTime(predicts, 'wall') * operations);
  return explains.map((times, index) => {
    const wallMs = medianTime(times, 'wall');
    const cpuMs = medianTime(times, 'cpu');
    return {
      measure: 'live',
      network,
      rules,
      ledger: index === 1,
      framesPerSecond: 1000 / wallMs,
      allowed,
      wallMs,
      cpuMs,
    };
  });
}

/** The rows as text. */
export function tableOfLive(rows: readonly LiveRow[]): string {
  const head = ['network', 'rules', 'ledger', 'frames / s', 'operations allow', 'wall ms', 'cpu ms'];
  const body = rows.map((row) => [
    row.network,
    row.rules,
    row.ledger ? 'on' : 'off',
    row.framesPerSecond.toFixed(1),
    row.allowed.toFixed(1),
    row.wallMs.toFixed(1),
    row.cpuMs.toFixed(1),
  ]);
  return textTable([head, ...body], [3, 4, 5, 6]);
}
