import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spatialAxes } from '../../src/kernels/conv-geometry.js';
import { type Extent, takeExtents, withPadding } from '../../src/kernels/crop.js';
import { runs } from '../runs.js';
import { expectClose, read, tensor } from './check.js';
import { type Block, flat, get, indices, noise, zeros } from './literal.js';

/** Element by element, as the definition says. */
function extentsOf(x: Block, extents: readonly Extent[], fill = 0): Block {
  const extent = (axis: number) => extents.find((one) => one.axis === axis);
  const y = zeros(x.shape.map((size, axis) => extent(axis)?.size ?? size));
  for (const index of indices(y.shape)) {
    const from = index.map((entry, axis) => entry + (extent(axis)?.begin ?? 0));
    const inside = from.every((entry, axis) => entry >= 0 && entry < (x.shape[axis] ?? 0));
    y.values[flat(index, y.shape)] = inside ? get(x, flat(from, x.shape)) : fill;
  }
  return y;
}

const cases = fc.record({
  shape: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 }),
  wanted: fc.array(
    fc.record({ axis: fc.nat(4), begin: fc.integer({ min: -4, max: 5 }), size: fc.integer({ min: 1, max: 8 }) }),
    { minLength: 1, maxLength: 5 },
  ),
  fill: fc.constantFrom(0, -7),
  seed: fc.nat(1000),
});

describe('crop', () => {
  it('takes any part of any axes, in any order, and fills what lies outside', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ shape, wanted, fill, seed }) => {
        const axes = new Map(wanted.filter(({ axis }) => axis < shape.length).map((extent) => [extent.axis, extent]));
        const extents = [...axes.values()];
        const x = noise(shape, seed);
        const given = tensor(x);
        const y = await read(() => takeExtents(given, extents, fill));
        expectClose(y, extentsOf(x, extents, fill), 0);
        given.dispose();
      }),
      { numRuns: runs(80) },
    );
  });

  // Few and many channels, one or two axes, cut by convolution or by slice, and padded on the other side.
  it.each([3, 16, 40, 1100])('cuts large maps of %i channels', async (channels) => {
    const [height, width] = channels > 1000 ? [5, 6] : [40, 31];
    const x = noise([2, height, width, channels], channels);
    const given = tensor(x);
    const ranges = [
      { begin: 0, less: 1 },
      { begin: 2, less: 2 },
      { begin: 1, less: 3 },
      { begin: -1, less: 0 },
      { begin: 4, less: 4 },
      { begin: 0, less: 0 },
    ];
    for (const [index, rows] of ranges.entries()) {
      const columns = ranges[(index + 1) % ranges.length] ?? rows;
      for (const extents of [
        [{ axis: 1, begin: rows.begin, size: height - rows.less }],
        [{ axis: 2, begin: rows.begin, size: width - rows.less }],
        [
          { axis: 2, begin: columns.begin, size: width - columns.less },
          { axis: 1, begin: rows.begin, size: height - rows.less },
        ],
      ]) {
        expectClose(await read(() => takeExtents(given, extents)), extentsOf(x, extents), 0);
      }
    }
    given.dispose();
  });

  it('keeps whole numbers what they are, and answers a tensor of its own', async () => {
    const given = tf.reshape(tf.range(0, 2 ** 15, 1, 'int32'), [1, 32, 32, 32]);
    const cut = takeExtents(given, [{ axis: 1, begin: 1, size: 31 }]);
    expect(cut.dtype).toBe('int32');
    expect((await cut.data())[0]).toBe(1024);
    const same = takeExtents(given, [{ axis: 1, begin: 0, size: 32 }]);
    given.dispose();
    expect((await same.data())[5]).toBe(5);
    tf.dispose([cut, same]);
  });

  it('pads by the geometry of the axes', async () => {
    const x = noise([2, 5, 4, 3], 1);
    const given = tensor(x);
    const axes = spatialAxes([5, 4], [3, 2], { strides: [2, 1], padding: 'same', dilations: [1, 1] });
    // Height 5 in steps of 2 by windows of 3: one row on either side. Width 4 by windows of 2: one column at the end.
    const extents = [
      { axis: 1, begin: -1, size: 7 },
      { axis: 2, begin: 0, size: 5 },
    ];
    expectClose(await read(() => withPadding(given, axes, -2)), extentsOf(x, extents, -2), 0);
    given.dispose();
  });

  it('takes a few elements at either end', async () => {
    for (const shape of [
      [2, 40, 30, 16],
      [1, 20, 40, 40],
      [2, 9, 8, 7, 24],
      [3, 4, 5],
    ]) {
      const x = noise(shape, 3);
      const given = tensor(x);
      for (const [axis, length] of shape.entries()) {
        for (const [from, count] of [
          [0, 1],
          [length - 1, 1],
          [Math.max(0, length - 2), Math.min(2, length)],
          [0, Math.min(2, length)],
        ] as const) {
          const y = await read(() => takeExtents(given, [{ axis, begin: from, size: count }]));
          expectClose(y, extentsOf(x, [{ axis, begin: from, size: count }]), 0);
        }
      }
      given.dispose();
    }
  });
});
