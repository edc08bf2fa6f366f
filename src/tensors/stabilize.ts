import * as tf from '@tensorflow/tfjs-core';
import * as ops from './ops.js';

/**
 * How a denominator is kept away from zero. Zero counts as positive everywhere.
 *
 * - `add`: `z + ε sign(z)` (Bach et al. 2015)
 * - `relative`: the same with `ε · rms(z)`, the root mean square over the outputs of one sample
 * - `unsigned`: `z + ε` whatever the sign of `z`, as LXT does; a denominator near `-ε` explodes
 * - `clip`: `sign(z) · max(|z|, ε)`
 * - `none`: `z` itself; where `z` is 0 nothing is passed on (LRP-0)
 */
export interface Stabilizer {
  /** How the denominator is changed. */
  readonly mode: 'add' | 'relative' | 'unsigned' | 'clip' | 'none';
  /** By how much. */
  readonly epsilon: number;
}

/**
 * What is known of the signs of a denominator: `nonnegative` and `nonpositive` hold everywhere; `positive` holds wherever
 * there is anything to divide, and elsewhere any value will do.
 */
export type DenominatorSign = 'any' | 'nonnegative' | 'nonpositive' | 'positive';

/** Sign of every element, zero being positive: `+1` or `-1`. Shape of `z`. */
export function signOf(z: tf.Tensor): tf.Tensor {
  return tf.tidy(() => ops.neg(ops.step(ops.neg(z), -1)));
}

/** 1 where an element is exactly zero, else 0. Shape of `z`. */
export function isZero(z: tf.Tensor): tf.Tensor {
  return tf.tidy(() =>
    ops.sub(
      1,
      tf.tidy(() => ops.step(ops.abs(z))),
    ),
  );
}

/**
 * 1 where nothing but the stabilizer `added` is in a denominator of its sign, else 0; shape of `z`. A sum that is lost beside
 * the stabilizer counts as nothing. Called inside a tidy.
 */
export function isOnly(z: tf.Tensor, added: number): tf.Tensor {
  const next = nextUp(Math.abs(added));
  return ops.step(added > 0 ? ops.sub(next, z) : ops.add(z, next));
}

/** The float32 after that of a positive number. */
function nextUp(value: number): number {
  const float = new Float32Array([value]);
  const bits = new Uint32Array(float.buffer);
  bits.set([(bits[0] ?? 0) + 1]);
  return float[0] ?? value;
}

/**
 * The denominator that stands for `z`; never zero. What the caller vouches for about its sign saves looking at it: one
 * pass instead of four. Mode `none` puts 1 in place of zero: multiply the quotient by `1 - isZero(z)` there.
 */
export function stabilize(z: tf.Tensor, stabilizer: Stabilizer, sign: DenominatorSign = 'any'): tf.Tensor {
  const { mode, epsilon } = stabilizer;
  return tf.tidy(() => {
    switch (mode) {
      case 'add':
        return addSigned(z, epsilon, sign);
      case 'relative':
        return ops.add(z, differentAdded(z, stabilizer));
      case 'unsigned':
        return ops.add(z, epsilon);
      case 'clip':
        return ops.mul(signOf(z), ops.add(ops.relu(ops.sub(ops.abs(z), epsilon)), epsilon));
      case 'none':
        return ops.add(z, isZero(z));
    }
  });
}

/** `z + ε sign(z)`. */
function addSigned(z: tf.Tensor, epsilon: number, sign: DenominatorSign): tf.Tensor {
  switch (sign) {
    case 'any':
      return ops.add(z, differentAdded(z, { mode: 'add', epsilon }));
    case 'nonnegative':
      return ops.add(z, epsilon);
    case 'nonpositive':
      return ops.sub(z, epsilon);
    case 'positive':
      return ops.add(ops.relu(z), epsilon);
  }
}

/** A quotient and the denominator it was formed with. */
export interface Quotient {
  /** `r / stab(z)`; 0 where mode `none` meets `z = 0`. */
  readonly s: tf.Tensor;
  /** `stab(z)`; 1 where mode `none` meets `z = 0`. */
  readonly denominator: tf.Tensor;
  /** `stab(z) - z` wherever relevance is: a number where it is the same everywhere, 0 for mode `none`. */
  readonly added: tf.Tensor | number;
}

/** Relevance per unit of denominator, `s = r / stab(z)`. Shape of `r`; both tensors are the caller's. */
export function quotient(r: tf.Tensor, z: tf.Tensor, stabilizer: Stabilizer, sign: DenominatorSign = 'any'): Quotient {
  const { mode } = stabilizer;
  const known = mode === 'none' ? 0 : addedAlike(stabilizer, sign);
  return tf.tidy(() => {
    const own = known === null && mode !== 'clip' ? differentAdded(z, stabilizer) : null;
    const denominator = own ? ops.add(z, own) : stabilize(z, stabilizer, sign);
    const s = ops.div(r, denominator);
    const added = known ?? own ?? ops.sub(denominator, z);
    return { denominator, added, s: mode === 'none' ? ops.mul(s, ops.sub(1, isZero(z))) : s };
  });
}

/** What a stabilizer adds to every denominator alike; null where that depends on the denominator. */
function addedAlike({ mode, epsilon }: Stabilizer, sign: DenominatorSign): number | null {
  if (mode === 'unsigned') return epsilon;
  if (mode !== 'add' || sign === 'any') return null;
  return sign === 'nonpositive' ? -epsilon : epsilon;
}

/** What is added with the sign of the denominator. Shape of `z`. */
function differentAdded(z: tf.Tensor, { mode, epsilon }: Stabilizer): tf.Tensor {
  if (mode === 'relative') return ops.mul(signOf(z), ops.mul(rms(z), epsilon));
  return ops.mul(ops.step(ops.neg(z), -1), -epsilon);
}

/** A stabilizer from what rules take: a number is added with the sign of `z`, and 0 is none at all. */
export function stabilizerOf(given: number | Stabilizer): Stabilizer {
  if (typeof given !== 'number') return given.epsilon === 0 ? { mode: 'none', epsilon: 0 } : given;
  return { mode: given === 0 ? 'none' : 'add', epsilon: given };
}

/** Root mean square over all axes but the batch, shaped to broadcast against `z`; 1 for a sample that is all zero. */
function rms(z: tf.Tensor): tf.Tensor {
  const axes = z.shape.map((_, axis) => axis).slice(1);
  const root = tf.sqrt(tf.mean(tf.square(z), axes, true));
  return ops.add(root, isZero(root));
}
