import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import {
  activationNames,
  activationStep,
  cappedReluStep,
  isActivationName,
  leakyReluStep,
  preluStep,
  thresholdedReluStep,
} from '../../src/steps/activations.js';
import type { ElementwiseStep } from '../../src/steps/step.js';
import { variableWeight, type Weight } from '../../src/tensors/weight.js';

const read = (weight: Weight) => weight.value();

/** Away from the kinks (0, 1, 2, ±2.5, 6) by more than the step of the differences. */
const POINTS = [-7, -4.2, -3, -2.2, -1.3, -0.6, -0.2, 0.3, 0.7, 1.4, 2.2, 2.8, 4, 5.5, 6.5, 9];
const H = 0.02;

function elementwiseOf(name: string): ElementwiseStep {
  if (!isActivationName(name)) throw new Error(name);
  const step = activationStep(name);
  if (step.kind !== 'elementwise') throw new Error(name);
  return step;
}

const NAMES = activationNames().filter((name) => !/softmax/i.test(name));

/** Numbers of a step at points; `f` is run in a tidy. */
async function numbers(f: (x: tf.Tensor) => tf.Tensor, points: readonly number[]): Promise<number[]> {
  const y = tf.tidy(() => f(tf.tensor1d([...points])));
  const values = [...(await y.data())];
  y.dispose();
  return values;
}

async function checkDerivative(step: ElementwiseStep): Promise<void> {
  const slopes = await numbers((x) => step.derivative?.(x, step.apply(x, read), read) ?? tf.zerosLike(x), POINTS);
  const differences = await numbers((x) => {
    const above = step.apply(tf.add(x, H), read);
    return tf.div(tf.sub(above, step.apply(tf.sub(x, H), read)), 2 * H);
  }, POINTS);
  expect(step.derivative).toBeDefined();
  slopes.forEach((slope, index) => {
    expect(Math.abs(slope - (differences[index] ?? 0)), `${step.name} at ${POINTS[index]}`).toBeLessThan(2e-3);
  });
}

/** What the step says of itself, on values of either sign. */
async function checkClaims(step: ElementwiseStep): Promise<void> {
  const nonnegative = POINTS.filter((x) => x >= 0);
  if (step.sign?.('any') === 'nonnegative') {
    expect(Math.min(...(await numbers((x) => step.apply(x, read), POINTS)))).toBeGreaterThanOrEqual(0);
  }
  if (step.sign?.('nonnegative') === 'nonnegative') {
    expect(Math.min(...(await numbers((x) => step.apply(x, read), nonnegative)))).toBeGreaterThanOrEqual(0);
  }
  const [zero = 0] = await numbers((x) => step.apply(x, read), [0]);
  expect(zero === 0, `${step.name} keeps zero`).toBe(step.keepsZero ?? false);
  const below = await numbers((x) => step.apply(x, read), [0, ...POINTS.filter((x) => x < 0)]);
  expect(
    below.every((y) => y === 0),
    `${step.name} is dead below zero`,
  ).toBe(step.deadBelowZero ?? false);
}

describe('activations', () => {
  test.each(NAMES)('%s: slope and claims', async (name) => {
    const before = tf.memory().numTensors;
    await checkDerivative(elementwiseOf(name));
    await checkClaims(elementwiseOf(name));
    expect(tf.memory().numTensors).toBe(before);
  });

  test.each([
    cappedReluStep(2),
    leakyReluStep(0.3),
    leakyReluStep(0),
    leakyReluStep(-0.5),
    thresholdedReluStep(1),
    thresholdedReluStep(-1),
  ])('$name: slope and claims', async (step) => {
    await checkDerivative(step);
    await checkClaims(step);
  });

  test('prelu: slope and claims', async () => {
    const slope = tf.scalar(0.4);
    const step = preluStep(variableWeight('alpha', slope));
    await checkDerivative(step);
    await checkClaims(step);
    slope.dispose();
  });

  test('of all names only sigmoid is a link', () => {
    expect(NAMES.filter((name) => elementwiseOf(name).link)).toEqual(['sigmoid']);
  });

  test('softmax is a step of its own kind', () => {
    expect(activationStep('softmax')).toMatchObject({ kind: 'softmax', axis: -1, logarithm: false });
    expect(activationStep('logSoftmax')).toMatchObject({ kind: 'softmax', axis: -1, logarithm: true });
  });
});
