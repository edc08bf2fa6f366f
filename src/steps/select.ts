import * as tf from '@tensorflow/tfjs-core';
import { at } from '../kernels/conv-geometry.js';
import { maxPool, maxPoolRoute } from '../kernels/max-pool.js';
import { sumToShape } from '../kernels/products.js';
import { sumLastAxis } from '../kernels/sums.js';
import type { WindowGeometry } from '../kernels/window.js';
import { asFloat } from '../tensors/as-float.js';
import * as ops from '../tensors/ops.js';
import type { Weight } from '../tensors/weight.js';
import { keptShape, sumOverMap, windowSumMap } from './pool-map.js';
import type { SelectStep, Sign } from './step.js';
import { sumMap } from './sum-map.js';

/** The largest of several tensors, element by element, broadcast against each other. The first one wins ties. */
export function maximumStep(): SelectStep {
  return {
    ...extremeStep('maximum', tf.maximum),
    sign: (inputs) => (inputs.some((sign) => sign === 'nonnegative') ? 'nonnegative' : 'any'),
  };
}

/** The smallest of several tensors, element by element, broadcast against each other. The first one wins ties. */
export function minimumStep(): SelectStep {
  return { ...extremeStep('minimum', tf.minimum), sign: nonnegativeIfAll };
}

/** The largest element of each window of `x [batch, ...spatial, channels]`; the first in row-major order wins ties. */
export function maxPoolStep(geometry: WindowGeometry, name = 'max pool'): SelectStep {
  return {
    kind: 'select',
    name,
    apply: (xs) => maxPool(at(xs, 0), geometry),
    route: (rOut, xs, y) => [maxPoolRoute(rOut, at(xs, 0), y, geometry)],
    candidates: windowSumMap(geometry),
    sign: nonnegativeIfAll,
  };
}

/** The largest element over neighbouring axes, which vanish; the first in row-major order wins ties. */
export function globalMaxStep(axes: readonly number[], name = 'global max pool'): SelectStep {
  return {
    kind: 'select',
    name,
    apply: (xs) => tf.max(at(xs, 0), [...axes]),
    route: (rOut, xs, y) => [tf.tidy(() => ops.mul(firstMaximum(at(xs, 0), y, axes), keep(rOut, at(xs, 0), axes)))],
    candidates: sumOverMap(axes),
    sign: nonnegativeIfAll,
  };
}

/**
 * `y = x` where some feature of a position differs from `value`, else 0: Masking over `x [..., features]`. Relevance of
 * masked positions is lost, and booked.
 */
export function maskStep(value: number): SelectStep {
  const mask = (x: tf.Tensor) => asFloat(tf.any(tf.notEqual(x, value), -1, true));
  return {
    kind: 'select',
    name: 'mask',
    apply: (xs) => tf.tidy(() => ops.mul(at(xs, 0), mask(at(xs, 0)))),
    route: (rOut, xs) => [tf.tidy(() => ops.mul(rOut, mask(at(xs, 0))))],
    lost: (rOut, xs) => tf.tidy(() => ops.mul(rOut, ops.sub(1, mask(at(xs, 0))))),
    sign: nonnegativeIfAll,
  };
}

/** Looks up one row per token, `[...] -> [..., features]`. A token earns the sum over its features. */
export function embeddingStep(embeddings: Weight): SelectStep {
  return {
    kind: 'select',
    name: 'embedding',
    apply: (xs, read) =>
      tf.tidy(() => {
        const tokens = at(xs, 0);
        const rows = tf.gather(read(embeddings), tf.cast(ops.reshape(tokens, [tokens.size]), 'int32'));
        return ops.reshape(rows, [...tokens.shape, rows.shape[1] ?? 1]);
      }),
    route: (rOut, xs) => [tf.tidy(() => ops.reshape(sumLastAxis(rOut), at(xs, 0).shape))],
    sign: () => 'any',
  };
}

/**
 * Operands are asked in order; one that equals the result takes what is left, the last one takes the rest unasked:
 * whatever the comparison of equal numbers does on a backend, nothing is lost and nothing counted twice.
 */
function extremeStep(name: string, pick: typeof tf.maximum | typeof tf.minimum): SelectStep {
  return {
    kind: 'select',
    name,
    apply: (xs) =>
      tf.tidy(() => {
        const y = xs.reduce((best, x) => pick(best, x));
        return ops.reshape(y, y.shape);
      }),
    route: (rOut, xs, y) =>
      tf.tidy(() => {
        let rest = rOut;
        return xs.map((x, index) => {
          const last = index === xs.length - 1;
          const part = last ? rest : ops.mul(rest, asFloat(tf.equal(x, y)));
          if (!last) rest = ops.sub(rest, part);
          return sumToShape(part, x.shape);
        });
      }),
    candidates: sumMap(),
  };
}

/** 1 at the first maximum over the axes, else 0. The position of an element serves as its key. */
function firstMaximum(x: tf.Tensor, y: tf.Tensor, axes: readonly number[]): tf.Tensor {
  const kept = x.shape.map((size, axis) => (axes.includes(axis) ? size : 1));
  const count = kept.reduce((product, size) => product * size, 1);
  const position = ops.reshape(tf.range(0, count), kept);
  const isMaximum = asFloat(tf.equal(x, keep(y, x, axes)));
  const key = ops.add(position, ops.mul(ops.sub(1, isMaximum), count));
  return asFloat(tf.equal(key, tf.min(key, [...axes], true)));
}

/** A reduced tensor shaped to broadcast against what it was reduced from. */
function keep(reduced: tf.Tensor, x: tf.Tensor, axes: readonly number[]): tf.Tensor {
  return ops.reshape(reduced, keptShape(x.shape, axes));
}

function nonnegativeIfAll(inputs: readonly Sign[]): Sign {
  return inputs.every((sign) => sign === 'nonnegative') ? 'nonnegative' : 'any';
}
