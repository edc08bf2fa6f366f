import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { denseOp, denseOpBy } from '../../src/kernels/dense-op.js';
import { runs } from '../runs.js';
import { checkLinearOp, expectClose, read, tensor } from './check.js';
import { adjoint, denseProducts, forward, noise } from './literal.js';
import { waysOf } from './ways.js';

async function check(lead: number[], inputs: number, outputs: number, seed: number, op = denseOp): Promise<void> {
  const [inputShape, kernelShape] = [
    [...lead, inputs],
    [inputs, outputs],
  ];
  const products = denseProducts(inputShape, kernelShape);
  await checkLinearOp({ op, inputShape, kernelShape, outputShape: [...lead, outputs], products, seed });
}

describe('denseOp', () => {
  it.each(waysOf('denseAdjoint'))(
    'agrees with nested loops for any number of leading axes: %s',
    async (_way, choices) => {
      const op = denseOpBy(choices);
      const cases = fc.record({
        lead: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
        inputs: fc.integer({ min: 1, max: 20 }),
        outputs: fc.integer({ min: 1, max: 20 }),
        seed: fc.nat(1000),
      });
      await fc.assert(
        fc.asyncProperty(cases, ({ lead, inputs, outputs, seed }) => check(lead, inputs, outputs, seed, op)),
        { numRuns: runs(30) },
      );
    },
  );

  // wasm's fused product adds the bias once per block of 48 of the inner axis in some forms.
  it('adds the bias once where the inner axis is long', async () => {
    await check([1], 200, 7, 1);
    await check([5], 200, 49, 2);
  });

  // wasm packs the right operand once per data, and reads it in the wrong shape when it comes back reshaped.
  it('is right when the same data has been a right operand in another shape', async () => {
    const [products, s] = [denseProducts([1, 6], [6, 4]), noise([1, 4], 3)];
    const w = noise([6, 4], 2);
    const [given, kernel] = [tensor(s), tensor(w)];
    const other = tf.tidy(() => tf.matMul(tf.ones([3, 2]), tf.reshape(given, [2, 2])));
    const c = await read(() => denseOp.adjoint.run(given, denseOp.adjoint.prepare(kernel), [1, 6]));
    expectClose(c, adjoint(products, s, w, [1, 6]));
    const x = noise([1, 6], 4);
    const z = await read(() => tf.tidy(() => denseOp.forward.run(tensor(x), denseOp.forward.prepare(kernel), null)));
    expectClose(z, forward(products, x, w, [1, 4]));
    tf.dispose([given, kernel, other]);
  });
});
