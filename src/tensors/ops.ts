import * as tf from '@tensorflow/tfjs-core';

// tfjs wraps each of its operations in conversions, checks and a scope, which take as long as the kernel of a small tensor.
// Floating-point tensors need none of it. Anything else goes the usual way.

type Operand = tf.Tensor | number;

/** `a + b`, broadcast against each other. */
export function add<T extends tf.Tensor = tf.Tensor>(a: Operand, b: Operand): T {
  return binary(tf.Add, a, b, tf.add);
}

/** `a - b`, broadcast against each other. */
export function sub<T extends tf.Tensor = tf.Tensor>(a: Operand, b: Operand): T {
  return binary(tf.Sub, a, b, tf.sub);
}

/** `a b`, broadcast against each other. */
export function mul<T extends tf.Tensor = tf.Tensor>(a: Operand, b: Operand): T {
  return binary(tf.Multiply, a, b, tf.mul);
}

/** `a / b`, broadcast against each other. */
export function div<T extends tf.Tensor = tf.Tensor>(a: Operand, b: Operand): T {
  return binary(tf.RealDiv, a, b, tf.div);
}

/** Product of matrices, batch by batch. */
export function matMul<T extends tf.Tensor>(a: T, b: T, transposeA = false, transposeB = false): T {
  if (!isFloat(a) || !isFloat(b)) return tf.matMul(a, b, transposeA, transposeB);
  return run(tf.BatchMatMul, { a, b }, { transposeA, transposeB });
}

/** The same numbers in another shape. */
export function reshape<R extends tf.Rank = tf.Rank>(x: tf.Tensor, shape: tf.ShapeMap[R]): tf.Tensor<R> {
  return run(tf.Reshape, { x }, { shape });
}

/** `-x`. */
export function neg<T extends tf.Tensor>(x: T): T {
  return isFloat(x) ? run(tf.Neg, { x }) : tf.neg(x);
}

/** `|x|`. */
export function abs<T extends tf.Tensor>(x: T): T {
  return isFloat(x) ? run(tf.Abs, { x }) : tf.abs(x);
}

/** `max(x, 0)`. */
export function relu<T extends tf.Tensor>(x: T): T {
  return isFloat(x) ? run(tf.Relu, { x }) : tf.relu(x);
}

/** 1 where `x > 0`, else `alpha`. */
export function step<T extends tf.Tensor>(x: T, alpha = 0): T {
  return isFloat(x) ? run(tf.Step, { x }, { alpha }) : tf.step(x, alpha);
}

/** `min(max(x, least), most)`. */
export function clipByValue<T extends tf.Tensor>(x: T, least: number, most: number): T {
  if (!isFloat(x)) return tf.clipByValue(x, least, most);
  return run(tf.ClipByValue, { x }, { clipValueMin: least, clipValueMax: most });
}

function binary<T extends tf.Tensor>(name: string, a: Operand, b: Operand, usual: typeof tf.add): T {
  return isFloat(a) && isFloat(b) ? run(name, { a, b }) : usual(a, b);
}

function run<T extends tf.Tensor>(name: string, inputs: tf.NamedTensorMap, attributes?: tf.NamedAttrMap): T {
  return tf.engine().runKernel<T>(name, inputs, attributes);
}

function isFloat(x: Operand): x is tf.Tensor {
  return typeof x === 'object' && x.dtype === 'float32';
}
