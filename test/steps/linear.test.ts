import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { averagePoolStep, convStep, depthwiseStep, transposedConvStep } from '../../src/steps/linear.js';
import type { LinearStep } from '../../src/steps/step.js';
import { variableWeight, type Weight } from '../../src/tensors/weight.js';

function kernel(shape: readonly number[]): Weight {
  return { ...variableWeight('kernel', tf.scalar(0)), shape };
}

describe('names', () => {
  const plain = { strides: [1, 1], padding: 'valid', dilations: [1, 1] } as const;
  const cases: [LinearStep, string][] = [
    [convStep(kernel([3, 3, 2, 2]), null, plain), 'conv2d 3x3'],
    [convStep(kernel([3, 5, 2, 2]), null, { ...plain, strides: [2, 2] }), 'conv2d 3x5 /2'],
    [convStep(kernel([3, 3, 2, 2]), null, { ...plain, strides: [2, 1] }), 'conv2d 3x3 /2x1'],
    [convStep(kernel([3, 3, 2, 2]), null, { ...plain, dilations: [2, 2] }), 'conv2d 3x3 dilated 2'],
    [convStep(kernel([3, 2, 2]), null, { strides: [1], padding: 'same', dilations: [1] }), 'conv1d 3'],
    [depthwiseStep(kernel([3, 3, 2, 2]), null, plain), 'depthwise 3x3'],
    [transposedConvStep(kernel([3, 3, 2, 2]), null, { strides: [2, 2], padding: 'same' }), 'conv2d transpose 3x3 /2'],
  ];
  test.each(cases)('%#', (step, name) => {
    expect(step.name).toBe(name);
  });

  test('of maps tell geometries apart', () => {
    const maps = [[1, 1] as const, [2, 2] as const, [1, 2] as const].flatMap((pair) =>
      (['same', 'valid'] as const).flatMap((padding) => [
        convStep(kernel([3, 3, 2, 2]), null, { strides: pair, padding, dilations: [1, 1] }).map.name,
        convStep(kernel([3, 3, 2, 2]), null, { strides: [1, 1], padding, dilations: pair }).map.name,
        depthwiseStep(kernel([3, 3, 2, 2]), null, { strides: pair, padding, dilations: [1, 1] }).map.name,
        transposedConvStep(kernel([3, 3, 2, 2]), null, { strides: pair, padding }).map.name,
        averagePoolStep({ sizes: [2, 2], strides: pair, padding }).map.name,
      ]),
    );
    // Strides 1 with dilations 1 are met twice, once per padding.
    expect(new Set(maps).size).toBe(maps.length - 2);
  });
});

describe('shiftsExactly', () => {
  const shifts = (size: number, stride: number, spatial: readonly (number | null)[] | undefined, dilation = 1) =>
    convStep(kernel([size, size, 2, 2]), null, {
      strides: [stride, stride],
      padding: 'same',
      dilations: [dilation, dilation],
      ...(spatial ? { spatial } : {}),
    }).shiftsExactly;

  test('tells whether `same` pads', () => {
    expect(shifts(1, 1, undefined)).toBe(true);
    expect(shifts(1, 2, [null, null])).toBe(true);
    expect(shifts(3, 1, [8, 8])).toBe(false);
    expect(shifts(2, 2, [8, 8])).toBe(true);
    expect(shifts(2, 2, [8, 7])).toBe(false);
    expect(shifts(2, 2, [null, 8])).toBe(false);
    expect(shifts(1, 1, [8, 8], 2)).toBe(true);
  });
});
