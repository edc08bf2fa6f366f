import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  axisGeometry,
  countsTensor,
  spatialAxes,
  tapsPerInput,
  tapsPerOutput,
} from '../../src/kernels/conv-geometry.js';
import { runs } from '../runs.js';
import { expectClose, read, slidingCases } from './check.js';
import { adjoint, forward, get, noise, one, outputSizes, windowProducts } from './literal.js';

const ones = (shape: readonly number[]) => {
  const block = noise(shape, 0);
  block.values.fill(1);
  return block;
};

describe('conv geometry', () => {
  it('puts the odd zero of same padding at the end', () => {
    expect(axisGeometry(4, 3, 2, 1, 'same')).toMatchObject({ output: 2, before: 0, after: 1 });
    expect(axisGeometry(5, 3, 2, 1, 'same')).toMatchObject({ output: 3, before: 1, after: 1 });
    expect(axisGeometry(5, 2, 1, 1, 'same')).toMatchObject({ output: 5, before: 0, after: 1 });
  });

  it('needs no padding for same where the stride is wider than the window', () => {
    expect(axisGeometry(6, 1, 2, 1, 'same')).toMatchObject({ output: 3, before: 0, after: 0 });
  });

  it('counts dilation in the reach of a window', () => {
    expect(axisGeometry(9, 3, 1, 2, 'valid')).toMatchObject({ output: 5 });
    expect(axisGeometry(9, 3, 1, 2, 'same')).toMatchObject({ output: 9, before: 2, after: 2 });
  });

  it('has no output where the window does not fit', () => {
    expect(axisGeometry(2, 3, 1, 1, 'valid').output).toBe(0);
  });

  it('agrees with TensorFlow.js on sizes and counts taps as nested loops do', async () => {
    await fc.assert(
      fc.asyncProperty(slidingCases(2, 1), async ({ sizes, spatial, geometry }) => {
        const axes = spatialAxes(spatial, sizes, geometry);
        expect(axes.map((axis) => axis.output)).toEqual(outputSizes(spatial, sizes, geometry));
        const shape = [1, ...spatial, 1];
        const { outputShape, products } = windowProducts(shape, sizes, geometry);
        const perOutput = await read(() => countsTensor(axes.map(tapsPerOutput), 1));
        expectClose(perOutput, forward(products, ones(shape), one, outputShape));
        const perInput = await read(() => countsTensor(axes.map(tapsPerInput), 2));
        const expected = adjoint(products, ones(outputShape), one, shape);
        expectClose(perInput, { shape, values: expected.values.map((count) => 2 * count) });
      }),
      { numRuns: runs(20) },
    );
  });

  it('resolves same padding as the tfjs convolution of a single one does', async () => {
    const { output, before } = axisGeometry(7, 4, 3, 1, 'same');
    const x = tf.tensor4d([1, 2, 3, 4, 5, 6, 7], [1, 1, 7, 1]);
    const first = tf.tensor4d([1, 0, 0, 0], [1, 4, 1, 1]);
    const seen = await read(() => tf.conv2d(x, first, [1, 3], 'same'));
    expect(seen.values.length).toBe(output);
    expect(get(seen, 1)).toBe(3 - before + 1);
    tf.dispose([x, first]);
  });
});
