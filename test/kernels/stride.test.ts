import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { around } from '../../src/kernels/axes.js';
import { axisGeometry } from '../../src/kernels/conv-geometry.js';
import { interleave, placeEvery, spreadPlanes, takeEvery } from '../../src/kernels/stride.js';
import { placeTaps, takeTap } from '../../src/kernels/taps.js';
import { runs } from '../runs.js';
import { expectClose, read, tensor } from './check.js';
import { add, type Block, flat, get, indices, noise, zeros } from './literal.js';

/** `y` with element `to` of the axis summed from elements `from` of `x`, for the pairs visited. */
function mapAxis(x: Block, axis: number, size: number, fill: number, pairs: [from: number, to: number][]): Block {
  const y = zeros(x.shape.map((old, index) => (index === axis ? size : old)));
  const touched = new Set(pairs.map(([, to]) => to));
  for (const index of indices(y.shape)) if (!touched.has(index[axis] ?? -1)) y.values[flat(index, y.shape)] = fill;
  for (const index of indices(x.shape)) {
    for (const [from, to] of pairs) {
      if (index[axis] !== from) continue;
      add(
        y,
        flat(
          index.map((entry, at) => (at === axis ? to : entry)),
          y.shape,
        ),
        get(x, flat(index, x.shape)),
      );
    }
  }
  return y;
}

const cases = fc.record({
  shape: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 }),
  where: fc.nat(4),
  offset: fc.integer({ min: -6, max: 6 }),
  stride: fc.integer({ min: 1, max: 4 }),
  size: fc.integer({ min: 1, max: 9 }),
  fill: fc.constantFrom(0, -7),
  seed: fc.nat(1000),
});

describe('stride', () => {
  it('takes every n-th element, and fills what lies outside', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ shape, where, offset, stride, size, fill, seed }) => {
        const [axis, x] = [where % shape.length, noise(shape, seed)];
        const pairs = Array.from({ length: size }, (_, k): [number, number] => [offset + k * stride, k]);
        const inside = pairs.filter(([from]) => from >= 0 && from < (shape[axis] ?? 0));
        const given = tensor(x);
        const y = await read(() => takeEvery(given, axis, offset, stride, size, fill));
        expectClose(y, mapAxis(x, axis, size, fill, inside), 0);
        given.dispose();
      }),
      { numRuns: runs(60) },
    );
  });

  it('places every n-th element, and drops what lands outside', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ shape, where, offset, stride, size, seed }) => {
        const [axis, x] = [where % shape.length, noise(shape, seed)];
        const pairs = Array.from({ length: shape[axis] ?? 0 }, (_, k): [number, number] => [k, offset + k * stride]);
        const inside = pairs.filter(([, to]) => to >= 0 && to < size);
        const given = tensor(x);
        const place = () => placeEvery(given, axis, offset, stride, size);
        // Where every element stays in its place it is the tensor itself.
        const stays = stride === 1 && offset === 0 && size === shape[axis];
        const y = await read(stays ? () => tf.clone(place()) : place);
        expectClose(y, mapAxis(x, axis, size, 0, inside), 0);
        given.dispose();
      }),
      { numRuns: runs(60) },
    );
  });

  it('puts zeros between rows and columns at once', async () => {
    const sizes = fc.integer({ min: 1, max: 4 });
    const planes = fc.record({ shape: fc.tuple(sizes, sizes, sizes, sizes), strides: fc.tuple(sizes, sizes) });
    await fc.assert(
      fc.asyncProperty(planes, fc.nat(1000), async ({ shape, strides }, seed) => {
        const x = noise(shape, seed);
        const given = tensor(x) as tf.Tensor4D; // of four sizes
        const apart = (length: number, stride: number) =>
          Array.from({ length }, (_, k): [number, number] => [k, k * stride]);
        const rows = mapAxis(x, 1, shape[1] * strides[0], 0, apart(shape[1], strides[0]));
        const expected = mapAxis(rows, 2, shape[2] * strides[1], 0, apart(shape[2], strides[1]));
        const stays = strides[0] === 1 && strides[1] === 1;
        const y = await read(() => (stays ? tf.clone(spreadPlanes(given, strides)) : spreadPlanes(given, strides)));
        expectClose(y, expected, 0);
        given.dispose();
      }),
      { numRuns: runs(60) },
    );
  });

  it('joins phases, with nulls for zeros, whatever the length of a row', async () => {
    for (const inner of [1, 3, 1500]) {
      for (const [present, total] of [
        ['111', 7],
        ['101', 8],
        ['010', 6],
        ['001', 9],
        ['110', 7],
      ] as const) {
        const shape = [2, Math.ceil(total / 3), inner];
        const given = [...present].map((flag, seed) => (flag === '1' ? noise(shape, seed) : null));
        const parts = given.map((block) => (block === null ? null : tensor(block)));
        const y = await read(() => interleave(parts, 1, total));
        const expected = zeros([2, total, inner]);
        for (const [b = 0, row = 0, c = 0] of indices(expected.shape)) {
          const part = given[row % 3];
          if (part)
            expected.values[flat([b, row, c], expected.shape)] = get(part, flat([b, Math.floor(row / 3), c], shape));
        }
        expectClose(y, expected, 0);
        for (const part of parts) part?.dispose();
      }
    }
  });

  it('places taps as the adjoint of taking them', async () => {
    const shapes = fc.record({
      input: fc.integer({ min: 1, max: 9 }),
      size: fc.integer({ min: 1, max: 4 }),
      stride: fc.integer({ min: 1, max: 5 }),
      dilation: fc.integer({ min: 1, max: 2 }),
      padding: fc.constantFrom('same' as const, 'valid' as const, [2, 3] as const),
      seed: fc.nat(1000),
    });
    await fc.assert(
      fc.asyncProperty(shapes, async ({ input, size, stride, dilation, padding, seed }) => {
        const geometry = axisGeometry(input, size, stride, dilation, padding);
        if (geometry.output < 1) return;
        const x = noise([2, input, 2], seed);
        const r = Array.from({ length: size }, (_, tap) => noise([2, geometry.output, 2], seed + tap + 1));
        const [given, parts] = [tensor(x), r.map(tensor)];
        let along = 0;
        for (const [tap, part] of r.entries()) {
          const seen = await read(() => takeTap(given, 1, geometry, tap));
          along += seen.values.reduce((sum, value, index) => sum + value * get(part, index), 0);
        }
        const placed = await read(() => placeTaps(() => parts, 1, geometry));
        const back = placed.values.reduce((sum, value, index) => sum + value * get(x, index), 0);
        expect(back).toBeCloseTo(along, 4);
        for (const t of [given, ...parts]) t.dispose();
      }),
      { numRuns: runs(40) },
    );
  });

  it('splits a shape around an axis', () => {
    expect(around([2, 3, 4, 5], 2)).toEqual({ outer: 6, length: 4, inner: 5 });
  });
});
