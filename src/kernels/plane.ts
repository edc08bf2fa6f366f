import * as tf from '@tensorflow/tfjs-core';
import { reshaped } from '../tensors/reshaped.js';
import { at } from './conv-geometry.js';

/** Padding of a plane `[b, h, w, c]` as tfjs takes it, from what its two axes need before and after. */
export function planePad(axes: readonly { before: number; after: number }[]): PlanePad {
  const [vertical, horizontal] = [at(axes, 0), at(axes, 1)];
  return [
    [0, 0],
    [vertical.before, vertical.after],
    [horizontal.before, horizontal.after],
    [0, 0],
  ];
}

/** Zeros before and after each axis of a plane. */
export type PlanePad = [[number, number], [number, number], [number, number], [number, number]];

/** The same as kernels take it. Copied, since attributes are the kernel's own. */
export function padAttribute(pad: PlanePad | 'valid' | 'same'): [number, number][] | 'valid' | 'same' {
  return typeof pad === 'string' ? pad : pad.map(([before, after]) => [before, after]);
}

/** `fill` around planes; where there is none to put, the planes themselves. wasm copies rows whole, as numbers side by side. */
export function padPlanes(x: tf.Tensor4D, pad: PlanePad, fill = 0): tf.Tensor4D {
  if (pad.every(([before, after]) => before === 0 && after === 0)) return x;
  const [b, h, w, c] = x.shape;
  const [, [above, below], [left, right]] = pad;
  const rows = reshaped<tf.Rank.R3>(x, [b, h, w * c]);
  const padded = tf.pad3d(
    rows,
    [
      [0, 0],
      [above, below],
      [left * c, right * c],
    ],
    fill,
  );
  return reshaped(padded, [b, above + h + below, left + w + right, c]);
}

/** A tensor known to be `[b, h, w, c]`, or a kernel of two axes, as the type that tfjs wants. */
export function asPlanes(x: tf.Tensor): tf.Tensor4D {
  if (x.rank !== 4) throw new Error(`internal: planes have rank 4, not shape [${x.shape.join(', ')}].`);
  return x as tf.Tensor4D; // The rank has just been checked.
}
