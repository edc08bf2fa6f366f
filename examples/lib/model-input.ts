import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Size } from './picture.js';

/** The size of the pictures that a model takes; an error when it takes anything but one picture of a fixed size. */
export function pictureSize(model: LayersModel): Size {
  const shapes = model.inputs.map(({ shape }) => shape);
  const [, height, width, channels] = shapes[0] ?? [];
  if (shapes.length === 1 && shapes[0]?.length === 4 && height && width && (channels === 1 || channels === 3)) {
    return { width, height, channels };
  }
  const found = shapes.map((shape) => `[${shape.map((length) => length ?? 'any').join(', ')}]`).join(', ');
  throw new Error(`A model with one input [any, height, width, 1 or 3] expected, got ${found}.`);
}
