import * as tf from '@tensorflow/tfjs-core';
import * as ops from './ops.js';

/** `max(x, 0)`. */
export function positivePart(x: tf.Tensor): tf.Tensor {
  return ops.relu(x);
}

/** The lowest float32: shaders need not honour infinity. */
const LOWEST = -3.4028234663852886e38;

/** `min(x, 0)`, in a single pass: wasm's minimum is 25 times slower. */
export function negativePart(x: tf.Tensor): tf.Tensor {
  return ops.clipByValue(x, LOWEST, 0);
}

/** `positive · x⁺ + negative · x⁻`; `x` itself for (1, 1). */
export function signedPart(x: tf.Tensor, positive: number, negative: number): tf.Tensor {
  if (positive === negative) return positive === 1 ? x : ops.mul(x, positive);
  return tf.tidy(() => {
    if (negative === 0) return scaled(positivePart(x), positive);
    if (positive === 0) return scaled(negativePart(x), negative);
    // p x⁺ + n x⁻ = n x + (p - n) x⁺: one pass less.
    return ops.add(scaled(x, negative), ops.mul(positivePart(x), positive - negative));
  });
}

function scaled(x: tf.Tensor, factor: number): tf.Tensor {
  return factor === 1 ? x : ops.mul(x, factor);
}
