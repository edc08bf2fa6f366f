import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { type Bound, explain, RuleError, zBox } from '../../src/index.js';
import { at } from '../layers/reproduce.js';
import {
  type Bounds,
  denseModel,
  expectNumbers,
  fewLayerCases,
  grid,
  layerCases,
  matchesLiteral,
  relevanceOf,
} from './compare.js';
import { zBoxLiteral } from './literal.js';

const sizeOf = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1);

/** Bound of element `i` of a sample whose last axis has `channels` entries. */
type BoundOf = (i: number, sample: readonly number[], shape: readonly number[]) => number;

function bounds(low: BoundOf, high: BoundOf): Bounds {
  return (sample, shape) => ({
    low: sample.map((_, i) => low(i, sample, shape)),
    high: sample.map((_, i) => high(i, sample, shape)),
  });
}

const channelOf = (i: number, shape: readonly number[]) => i % at(shape, shape.length - 1);

/** Smallest or largest value of the sample in the channel of element `i`; of all features where it is a vector. */
function extreme(pick: (...values: number[]) => number): BoundOf {
  return (i, sample, shape) => {
    const like = sample.filter((_, other) => shape.length === 1 || channelOf(other, shape) === channelOf(i, shape));
    return pick(...like);
  };
}

function nest(values: readonly number[], shape: readonly number[]): Bound {
  const [size = 1, ...rest] = shape;
  if (rest.length === 0) return values;
  const step = values.length / size;
  // One list per entry of the first axis.
  return Array.from({ length: size }, (_, i) => nest(values.slice(i * step, (i + 1) * step), rest)) as Bound;
}

describe.each(layerCases())('$name', (layer) => {
  const { shape } = layer;
  const channels = at(shape, shape.length - 1);

  test('per channel', () => {
    const [low, high] = [grid(30, channels, -3, -1), grid(31, channels, 1, 3)];
    return matchesLiteral(layer, zBox({ low, high }), zBoxLiteral(), {
      bounds: bounds(
        (i) => at(low, channelOf(i, shape)),
        (i) => at(high, channelOf(i, shape)),
      ),
    });
  });
});

describe.each(fewLayerCases())('$name', (layer) => {
  const { shape } = layer;

  test('numbers', () =>
    matchesLiteral(layer, zBox({ low: -2.5, high: 2.5 }), zBoxLiteral(), {
      bounds: bounds(
        () => -2.5,
        () => 2.5,
      ),
    }));

  test('per element', () => {
    const [low, high] = [grid(32, sizeOf(shape), -3, -1), grid(33, sizeOf(shape), 1, 3)];
    return matchesLiteral(layer, zBox({ low: nest(low, shape), high: nest(high, shape) }), zBoxLiteral(), {
      bounds: bounds(
        (i) => at(low, i),
        (i) => at(high, i),
      ),
      modes: ['absorb'],
    });
  });

  test("the sample's own range", () =>
    matchesLiteral(layer, zBox(), zBoxLiteral(), { bounds: bounds(extreme(Math.min), extreme(Math.max)) }));

  test('one bound given, one of the sample', () =>
    matchesLiteral(
      layer,
      zBox({ low: -2, high: 'max', stabilizer: 0.25 }),
      zBoxLiteral({ mode: 'add', epsilon: 0.25 }),
      {
        bounds: bounds(() => -2, extreme(Math.max)),
        modes: ['absorb'],
      },
    ));
});

test('by hand', async () => {
  // x = (0.5, 1), w = (2, -1), low 0, high 2: n = 0.5·2 - 0·2 = 1 and 1·-1 - 2·-1 = 1; the bias cancels. R = 6.
  const model = denseModel([[2], [-1]], [100]);
  const start = tf.tensor2d([[6]]);
  const x = tf.tensor2d([[0.5, 1]]);
  expectNumbers(await relevanceOf(model, x, zBox({ low: 0, high: 2, stabilizer: 0 }), { start }), [3, 3]);
});

test('parameters out of range', () => {
  expect(() => zBox({ low: 1, high: 0 })).toThrowErrorMatchingInlineSnapshot(
    `[RuleError: Rule "z-box": low must not exceed high, received low 1 and high 0.]`,
  );
  expect(() => zBox({ low: [0, 2], high: [1, 1] })).toThrowErrorMatchingInlineSnapshot(
    `[RuleError: Rule "z-box": low must not exceed high, received low 2 and high 1.]`,
  );
  expect(() => zBox({ low: [0, 0], high: [1, 1, 1] })).toThrowErrorMatchingInlineSnapshot(
    `[RuleError: Rule "z-box": low has 2 values and high 3. Give one number, one per channel, or one per element for both.]`,
  );
  expect(() => zBox({ low: Number.NaN, high: 1 })).toThrowErrorMatchingInlineSnapshot(
    `[RuleError: Rule "z-box": low must not exceed high, received low NaN and high 1.]`,
  );
  expect(() => zBox({ low: 'max' })).toThrowErrorMatchingInlineSnapshot(
    `[RuleError: Rule "z-box": low may be "min" and high may be "max", not the other way round.]`,
  );
  expect(() => zBox({ high: 'min' })).toThrowErrorMatchingInlineSnapshot(
    `[RuleError: Rule "z-box": low may be "min" and high may be "max", not the other way round.]`,
  );
  expect(() => zBox({ low: [], high: 1 })).toThrow(RuleError);
});

test('equal bounds are allowed', () => {
  expect(zBox({ low: 0, high: 0 }).name).toBe('z-box');
  expect(zBox({ low: 0, high: [0, 1] }).name).toBe('z-box');
});

test('bounds that do not fit the input', () => {
  const model = denseModel([[2], [-1]]);
  const rule = zBox({ low: [0, 0, 0], high: 1 });
  expect(() => explain(model, tf.tensor2d([[1, 2]]), rule)).toThrowErrorMatchingInlineSnapshot(
    `[RuleError: Rule "z-box": a bound of shape [3] does not fit an input of shape [1, 2]. Give one number, one per channel (last axis), or one per element of a sample.]`,
  );
});
