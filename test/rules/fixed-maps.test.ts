// Linear rules on steps without weights (sums, averages) and on those with a factor per element, against the loops.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import {
  alphaBeta,
  type BiasMode,
  composite,
  defaultRegistry,
  epsilon,
  explain,
  flat,
  gamma,
  gammaClassic,
  type LinearRule,
  norm,
  type PlanOptions,
  wSquare,
  zBox,
  zero,
  zPlus,
} from '../../src/index.js';
import { shiftStep } from '../../src/steps/linear.js';
import { at, modelOf } from '../layers/reproduce.js';
import { expectElements, grid, numbers } from './compare.js';
import {
  alphaBetaLiteral,
  epsilonLiteral,
  flatLiteral,
  gammaClassicLiteral,
  gammaLiteral,
  type LiteralRule,
  normLiteral,
  shareLiterally,
  type UnitConnections,
  wSquareLiteral,
  zBoxLiteral,
  zeroLiteral,
} from './literal.js';

const UNWEIGHTED: [string, LinearRule, LiteralRule][] = [
  ['zero', zero(), zeroLiteral],
  ['epsilon', epsilon(0.25), epsilonLiteral(0.25)],
  ['norm', norm(), normLiteral()],
  ['gamma', gamma(0.5), gammaLiteral(0.5)],
  ['gamma-classic', gammaClassic(0.5), gammaClassicLiteral(0.5, true)],
  ['alpha-beta', alphaBeta(2, 1), alphaBetaLiteral(2, 1)],
  ['z-plus', zPlus(), alphaBetaLiteral(1, 0)],
  ['flat', flat(), flatLiteral()],
  ['z-box', zBox({ low: -2.5, high: 2.5 }), zBoxLiteral()],
];
const WEIGHTED: typeof UNWEIGHTED = [...UNWEIGHTED, ['w-square', wSquare(), wSquareLiteral()]];

const everywhere = (rule: LinearRule) => composite('everywhere', [{ match: {}, rule }]);

interface Case {
  readonly model: tfl.LayersModel;
  readonly units: readonly UnitConnections[];
  readonly options?: PlanOptions;
}

/** Explains samples of either sign, and of nonnegative numbers that are known to be so. */
async function matches({ model, units, options }: Case, rule: LinearRule, literal: LiteralRule): Promise<void> {
  const shapes = model.inputs.map((input) => input.shape.slice(1).map(Number));
  const sizes = shapes.map((shape) => shape.reduce((product, n) => product * n, 1));
  const total = sizes.reduce((sum, n) => sum + n, 0);
  const received = grid(3, units.length);
  const modes: BiasMode[] = rule.bias === undefined ? ['absorb', 'ignore', 'distribute', 'distribute-all'] : ['absorb'];
  for (const bias of modes) {
    for (const proven of [false, true]) {
      const x = grid(1, total).map((value) => (proven ? Math.abs(value) : value));
      let begin = 0;
      const inputs = shapes.map((shape, index) => {
        const own = x.slice(begin, begin + at(sizes, index));
        begin += own.length;
        return tf.tensor(own, [1, ...shape]);
      });
      const start = tf.tensor(received, [1, ...at(model.outputs, 0).shape.slice(1).map(Number)]);
      const range = proven ? ({ inputRange: [0, 2] } as const) : {};
      const explanation = explain(model, inputs, everywhere(rule), { ...options, ...range, start, bias });
      const actual: number[] = [];
      for (const { relevance } of explanation.inputs) actual.push(...(await numbers(relevance)));
      const ledger = await explanation.conservation();
      expect(ledger.verdict, `${bias}: ${ledger}`).toBe('closed');
      const [low, high] = [x.map(() => -2.5), x.map(() => 2.5)];
      const expected = shareLiterally(units, x, received, literal, { bias, low, high });
      expectElements(actual, expected.values, expected.sizes, `${bias}${proven ? ', nonnegative inputs' : ''}`);
      explanation.dispose();
      tf.dispose([...inputs, start]);
    }
  }
}

/** Outputs that each sum the inputs of one list with equal weights. */
const equalParts = (groups: readonly number[][], weight: (group: readonly number[]) => number): UnitConnections[] =>
  groups.map((inputs) => ({ bias: 0, inputs, weights: inputs.map(() => weight(inputs)) }));

const threeOf5 = [0, 1, 2, 3, 4].map((i) => [i, i + 5, i + 10]);
// Windows of 2 with stride 2 over 5 positions of 2 channels, padded: the last window has one position.
const windows = [[0, 2], [1, 3], [4, 6], [5, 7], [8], [9]]; // biome-ignore format: one list per output

describe('no weights', () => {
  const cases: [string, () => Case][] = [
    ['Add', () => ({ model: modelOf(tfl.layers.add(), [[5], [5], [5]]), units: equalParts(threeOf5, () => 1) })],
    ['Average', () => ({ model: modelOf(tfl.layers.average(), [[5], [5], [5]]), units: equalParts(threeOf5, () => 1 / 3) })],
    [
      'Add, one operand broadcast',
      () => ({
        model: modelOf(tfl.layers.add(), [[2, 3], [1, 3]]),
        units: equalParts([0, 1, 2, 3, 4, 5].map((i) => [i, 6 + (i % 3)]), () => 1),
      }),
    ],
    [
      'average pooling',
      () => ({
        model: modelOf(tfl.layers.averagePooling1d({ poolSize: 2, strides: 2, padding: 'same' }), [[5, 2]]),
        units: equalParts(windows, (group) => 1 / group.length),
      }),
    ],
    [
      'global average pooling',
      () => ({
        model: modelOf(tfl.layers.globalAveragePooling1d(), [[4, 2]]),
        units: equalParts([[0, 2, 4, 6], [1, 3, 5, 7]], () => 0.25),
      }),
    ],
  ]; // biome-ignore format: one case per line
  describe.each(cases)('%s', (_name, make) => {
    test.each(UNWEIGHTED)('%s', (_rule, rule, literal) => matches(make(), rule, literal));
  });
});

describe('a factor per element', () => {
  // Statistics whose scale and shift are exact: variance + epsilon is a power of 4.
  const [gammas, betas, means, variances] = [[1, -2, 0, 0.5], [0.5, 0, -1, 2], [0, 1, 2, -1], [0.9990234375, 3.9990234375, 0.2490234375, 0.9990234375]]; // biome-ignore format: four lists
  const scales = gammas.map((g, i) => g / Math.sqrt(at(variances, i) + 2 ** -10));
  const shifts = betas.map((b, i) => b - at(means, i) * at(scales, i));

  function batchNorm(axis: number, shape: [number, number]): Case {
    const layer = tfl.layers.batchNormalization({ axis, epsilon: 2 ** -10 });
    const model = modelOf(layer, [shape]);
    layer.setWeights([gammas, betas, means, variances].map((values) => tf.tensor1d(values)));
    const units = Array.from({ length: shape[0] * shape[1] }, (_, i): UnitConnections => {
      const channel = axis === 1 ? Math.floor(i / shape[1]) : i % shape[1];
      return { bias: at(shifts, channel), inputs: [i], weights: [at(scales, channel)] };
    });
    return { model, units, options: { canonize: { batchNorm: 'none' } } };
  }

  test.each(WEIGHTED)('batch normalization along the last axis: %s', (_name, rule, literal) =>
    matches(batchNorm(2, [3, 4]), rule, literal),
  );
  test.each(WEIGHTED)('batch normalization along another axis: %s', (_name, rule, literal) =>
    matches(batchNorm(1, [4, 3]), rule, literal),
  );

  test.each(UNWEIGHTED)('a bias of its own: %s', (_name, rule, literal) => {
    const bias = [0.5, -1, 0, 2];
    const layer = tfl.layers.batchNormalization({ axis: 1, scale: false, center: true, name: 'shift' });
    const model = modelOf(layer, [[4, 3]]);
    tf.tidy(() => {
      layer.setWeights([tf.tensor1d(bias), tf.zeros([4]), tf.ones([4])]);
    });
    const registry = defaultRegistry.with('shift', (call, to) =>
      to.output(to.add(shiftStep(call.weight('beta'), -2), to.inputs)),
    );
    const units = Array.from(
      { length: 12 },
      (_, i): UnitConnections => ({
        bias: at(bias, Math.floor(i / 3)),
        inputs: [i],
        weights: [1],
      }),
    );
    return matches({ model, units, options: { registry } }, rule, literal);
  });
});

test('outputs that no input reaches: what arrives there is lost to the empty group', async () => {
  // A window of 2 placed every 3 elements leaves gaps: outputs 2 and 5 see the bias alone.
  const layer = tfl.layers.conv2dTranspose({
    filters: 1,
    kernelSize: [1, 2],
    strides: [1, 3],
    weights: [tf.tensor4d([1, 2], [1, 2, 1, 1]), tf.tensor1d([4])],
  });
  const model = modelOf(layer, [[1, 2, 1]]);
  const size = Number(at(model.outputs, 0).shape[2]);
  const units = Array.from({ length: size }, (_, j): UnitConnections => {
    const [from, tap] = [Math.floor(j / 3), j % 3];
    return tap < 2 ? { bias: 4, inputs: [from], weights: [tap + 1] } : { bias: 4, inputs: [], weights: [] };
  });
  const x = [1, -3];
  const received = grid(5, size, 1, 2);
  for (const bias of ['absorb', 'ignore', 'distribute'] as const) {
    const start = tf.tensor(received, [1, 1, size, 1]);
    const explanation = explain(model, tf.tensor(x, [1, 1, 2, 1]), epsilon(0.5), { bias, start });
    const expected = shareLiterally(units, x, received, epsilonLiteral(0.5), { bias });
    expectElements(await numbers(at(explanation.inputs, 0).relevance), expected.values, expected.sizes, bias);
    const ledger = await explanation.conservation();
    expect(ledger.verdict, `${bias}: ${ledger}`).toBe('closed');
    explanation.dispose();
  }
});
