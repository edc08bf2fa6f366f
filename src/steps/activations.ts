import * as tf from '@tensorflow/tfjs-core';
import { asFloat } from '../tensors/as-float.js';
import * as ops from '../tensors/ops.js';
import type { Weight } from '../tensors/weight.js';
import { elementwise } from './elementwise.js';
import type { ElementwiseStep, Sign, SoftmaxStep } from './step.js';

/** The activation functions of tfjs-layers, but for `linear`, which does nothing. */
export type ActivationName = keyof typeof ELEMENTWISE | 'softmax' | 'logSoftmax';

type Parts = Omit<ElementwiseStep, 'kind' | 'name'>;

const keepsSign = (input: Sign): Sign => input;
const nonnegative = (): Sign => 'nonnegative';

const SELU_SCALE = 1.0507009873554805;
const SELU_SCALE_ALPHA = SELU_SCALE * 1.6732632423543772;
const GELU_CUBIC = 0.044715;
const GELU_SLOPE = Math.sqrt(2 / Math.PI);

/** Functions that are written element by element. Where a slope is not defined, at a kink, it is that of the left. */
const ELEMENTWISE = {
  elu: {
    apply: (x) => tf.elu(x),
    derivative: (_x, y) => tf.tidy(() => ops.add(tf.minimum(y, 0), 1)),
    sign: keepsSign,
    keepsZero: true,
  },
  selu: {
    apply: (x) => tf.selu(x),
    derivative: (x, y) =>
      tf.tidy(() => {
        const positive = ops.step(x);
        return ops.add(
          ops.mul(positive, SELU_SCALE),
          ops.mul(ops.sub(1, positive), ops.add(tf.minimum(y, 0), SELU_SCALE_ALPHA)),
        );
      }),
    sign: keepsSign,
    keepsZero: true,
  },
  relu: {
    apply: (x) => ops.relu(x),
    derivative: (x) => ops.step(x),
    sign: nonnegative,
    keepsZero: true,
    deadBelowZero: true,
    keepsPositive: true,
  },
  relu6: /* @__PURE__ */ cappedRelu(6),
  sigmoid: {
    apply: (x) => tf.sigmoid(x),
    derivative: (_x, y) => tf.tidy(() => ops.mul(y, ops.sub(1, y))),
    sign: nonnegative,
    link: true,
  },
  hardSigmoid: {
    apply: (x) => tf.tidy(() => ops.clipByValue(ops.add(ops.mul(x, 0.2), 0.5), 0, 1)),
    derivative: (x) => tf.tidy(() => ops.mul(ops.step(ops.sub(2.5, ops.abs(x))), 0.2)),
    sign: nonnegative,
  },
  softplus: {
    apply: (x) => tf.softplus(x),
    derivative: (x) => tf.sigmoid(x),
    sign: nonnegative,
  },
  softsign: {
    apply: (x) => tf.tidy(() => ops.div(x, ops.add(ops.abs(x), 1))),
    derivative: (x) => tf.tidy(() => tf.reciprocal(tf.square(ops.add(ops.abs(x), 1)))),
    sign: keepsSign,
    keepsZero: true,
  },
  tanh: {
    apply: (x) => tf.tanh(x),
    derivative: (_x, y) => tf.tidy(() => ops.sub(1, tf.square(y))),
    sign: keepsSign,
    keepsZero: true,
  },
  // x Φ(x), Φ the distribution function of the normal distribution; its slope is Φ(x) + x φ(x).
  gelu: {
    apply: (x) => tf.tidy(() => ops.mul(x, normalDistribution(x))),
    derivative: (x) =>
      tf.tidy(() => {
        const density = ops.mul(tf.exp(ops.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
        return ops.add(normalDistribution(x), ops.mul(x, density));
      }),
    sign: keepsSign,
    keepsZero: true,
  },
  gelu_new: {
    apply: (x) => tf.tidy(() => ops.mul(ops.mul(x, 0.5), ops.add(1, cubicTanh(x)))),
    derivative: (x) =>
      tf.tidy(() => {
        const t = cubicTanh(x);
        const inner = ops.mul(ops.add(ops.mul(tf.square(x), 3 * GELU_CUBIC), 1), GELU_SLOPE);
        const bend = ops.mul(ops.mul(x, ops.sub(1, tf.square(t))), inner);
        return ops.mul(ops.add(ops.add(t, 1), bend), 0.5);
      }),
    sign: keepsSign,
    keepsZero: true,
  },
  mish: {
    apply: (x) => tf.tidy(() => ops.mul(x, tf.tanh(tf.softplus(x)))),
    derivative: (x) =>
      tf.tidy(() => {
        const t = tf.tanh(tf.softplus(x));
        return ops.add(t, ops.mul(ops.mul(x, ops.sub(1, tf.square(t))), tf.sigmoid(x)));
      }),
    sign: keepsSign,
    keepsZero: true,
  },
  // x σ(x); its slope is σ + y (1 - σ).
  swish: {
    apply: (x) => tf.tidy(() => ops.mul(tf.sigmoid(x), x)),
    derivative: (x, y) =>
      tf.tidy(() => {
        const gate = tf.sigmoid(x);
        return ops.add(gate, ops.mul(y, ops.sub(1, gate)));
      }),
    sign: keepsSign,
    keepsZero: true,
  },
} satisfies Record<string, Parts>;

/** Every activation name that {@link activationStep} knows. */
export function activationNames(): string[] {
  return [...Object.keys(ELEMENTWISE), 'softmax', 'logSoftmax'];
}

/** True for names that {@link activationStep} knows. */
export function isActivationName(name: string): name is ActivationName {
  return activationNames().includes(name);
}

/** One of the activation functions of tfjs-layers, by its name there; softmax runs along the last axis. */
export function activationStep(name: ActivationName): ElementwiseStep | SoftmaxStep {
  if (name === 'softmax') return softmaxStep();
  if (name === 'logSoftmax') return softmaxStep(-1, true);
  const { apply, ...options }: Parts = ELEMENTWISE[name];
  return elementwise(name, apply, options);
}

/** `softmax(x)` or its logarithm. The axis is counted from the end: -1 is the last. */
export function softmaxStep(axis = -1, logarithm = false): SoftmaxStep {
  return { kind: 'softmax', name: logarithm ? 'log-softmax' : 'softmax', axis, logarithm };
}

/** `min(max(x, 0), limit)`. */
export function cappedReluStep(limit: number): ElementwiseStep {
  const { apply, ...options } = cappedRelu(limit);
  return elementwise(`relu max ${limit}`, apply, options);
}

/** `x` above zero, `slope · x` below. */
export function leakyReluStep(slope: number): ElementwiseStep {
  return elementwise('leaky relu', (x) => tf.leakyRelu(x, slope), {
    derivative: (x) => ops.step(x, slope),
    sign: slope <= 0 ? nonnegative : keepsSign,
    keepsZero: true,
    deadBelowZero: slope === 0,
    keepsPositive: true,
  });
}

/** `x` above zero, `slope · x` below, the slope being a weight that broadcasts against `x`. */
export function preluStep(slope: Weight): ElementwiseStep {
  // Not tf.prelu: wasm takes every slope for one per channel.
  return elementwise(
    'prelu',
    (x, read) => tf.tidy(() => ops.sub(ops.relu(x), ops.mul(read(slope), ops.relu(ops.neg(x))))),
    {
      derivative: (x, _y, read) =>
        tf.tidy(() => {
          const positive = ops.step(x);
          return ops.add(positive, ops.mul(ops.sub(1, positive), read(slope)));
        }),
      sign: keepsSign,
      keepsZero: true,
    },
  );
}

/** `x` where it is greater than the threshold, else 0. */
export function thresholdedReluStep(threshold: number): ElementwiseStep {
  const isAbove = (x: tf.Tensor) => asFloat(tf.greater(x, threshold));
  return elementwise('thresholded relu', (x) => tf.tidy(() => ops.mul(x, isAbove(x))), {
    derivative: (x) => tf.tidy(() => isAbove(x)),
    sign: threshold >= 0 ? nonnegative : keepsSign,
    keepsZero: true,
    deadBelowZero: threshold >= 0,
  });
}

function cappedRelu(limit: number): Parts {
  return {
    apply: (x) => ops.clipByValue(x, 0, limit),
    derivative: (x) => tf.tidy(() => ops.mul(ops.step(x), ops.step(ops.sub(limit, x)))),
    sign: nonnegative,
    keepsZero: true,
    deadBelowZero: true,
  };
}

function normalDistribution(x: tf.Tensor): tf.Tensor {
  return ops.mul(ops.add(tf.erf(ops.mul(x, Math.SQRT1_2)), 1), 0.5);
}

function cubicTanh(x: tf.Tensor): tf.Tensor {
  const cubic = ops.mul(ops.mul(x, tf.square(x)), GELU_CUBIC);
  return tf.tanh(ops.mul(ops.add(x, cubic), GELU_SLOPE));
}
