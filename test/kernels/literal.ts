// Slow, literal versions of the kernels: nested loops over plain numbers, sharing no code with src.

/** Numbers in row-major order with their shape. */
export interface Block {
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

export type Scheme = 'same' | 'valid' | readonly (readonly [number, number])[];

export interface Geometry {
  readonly strides: readonly number[];
  readonly padding: Scheme;
  readonly dilations: readonly number[];
}

/** Every product a linear operation adds up: `z[output] += w[weight] * x[input]`, by flat positions. */
export type Products = (visit: (input: number, output: number, weight: number) => void) => void;

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((all, size) => all * size, 1);
}

export function zeros(shape: readonly number[]): Block {
  return { shape: [...shape], values: new Float64Array(sizeOf(shape)) };
}

/** Reproducible numbers in [-1, 1), exact in float32. */
export function noise(shape: readonly number[], seed: number): Block {
  const block = zeros(shape);
  let state = (seed * 2654435761 + 12345) >>> 0;
  for (let index = 0; index < block.values.length; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    block.values[index] = Math.fround((state >>> 8) / 2 ** 23 - 1);
  }
  return block;
}

export function get(block: Block, flat: number): number {
  return block.values[flat] ?? Number.NaN;
}

export function add(block: Block, flat: number, value: number): void {
  block.values[flat] = get(block, flat) + value;
}

/** All multi-indices of a shape in row-major order. */
export function indices(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (done, size) => done.flatMap((index) => Array.from({ length: size }, (_, next) => [...index, next])),
    [[]],
  );
}

export function flat(index: readonly number[], shape: readonly number[]): number {
  return index.reduce((sum, entry, axis) => sum * (shape[axis] ?? 0) + entry, 0);
}

/** Size of the result and zeros before it, on one axis, as TensorFlow defines them. */
export function slide(input: number, size: number, stride: number, dilation: number, padding: Scheme, axis: number) {
  const reach = (size - 1) * dilation + 1;
  if (padding === 'same') {
    const output = Math.ceil(input / stride);
    return { output, before: Math.floor(Math.max(0, (output - 1) * stride + reach - input) / 2) };
  }
  const [before, after] = padding === 'valid' ? [0, 0] : (padding[axis] ?? [0, 0]);
  return { output: Math.floor((input + before + after - reach) / stride) + 1, before };
}

/** Spatial output sizes of a window of `sizes` over `spatial`. */
export function outputSizes(spatial: readonly number[], sizes: readonly number[], geometry: Geometry): number[] {
  return spatial.map((input, axis) => along(input, sizes, geometry, axis).output);
}

function along(input: number, sizes: readonly number[], { strides, dilations, padding }: Geometry, axis: number) {
  return slide(input, sizes[axis] ?? 1, strides[axis] ?? 1, dilations[axis] ?? 1, padding, axis);
}

/** Every meeting of an output position, a tap and the input element under it; multi-indices. */
export function eachTap(
  spatial: readonly number[],
  sizes: readonly number[],
  geometry: Geometry,
  visit: (input: number[], output: number[], tap: number[]) => void,
): void {
  const before = spatial.map((input, axis) => along(input, sizes, geometry, axis).before);
  const taps = indices(sizes);
  for (const output of indices(outputSizes(spatial, sizes, geometry))) {
    for (const tap of taps) {
      const input = output.map(
        (o, axis) =>
          o * (geometry.strides[axis] ?? 1) + (tap[axis] ?? 0) * (geometry.dilations[axis] ?? 1) - (before[axis] ?? 0),
      );
      if (input.every((i, axis) => i >= 0 && i < (spatial[axis] ?? 0))) visit(input, output, tap);
    }
  }
}

/** `x [n..., in]`, kernel `[in, out]`. */
export function denseProducts(inputShape: readonly number[], kernelShape: readonly number[]): Products {
  const [inputs = 0, outputs = 0] = kernelShape;
  const rows = sizeOf(inputShape) / inputs;
  return (visit) => {
    for (let row = 0; row < rows; row++)
      for (let i = 0; i < inputs; i++)
        for (let j = 0; j < outputs; j++) visit(row * inputs + i, row * outputs + j, i * outputs + j);
  };
}

/** Any number of spatial axes: `x [b, ...spatial, cin]`, kernel `[...sizes, cin, cout]`. */
export function convProducts(
  inputShape: readonly number[],
  kernelShape: readonly number[],
  geometry: Geometry,
): { outputShape: number[]; products: Products } {
  const rank = geometry.strides.length;
  const [batch = 0, spatial, sizes] = [inputShape[0], inputShape.slice(1, -1), kernelShape.slice(0, rank)];
  const [cin = 0, cout = 0] = kernelShape.slice(rank);
  const outputShape = [batch, ...outputSizes(spatial, sizes, geometry), cout];
  const products: Products = (visit) => {
    eachTap(spatial, sizes, geometry, (input, output, tap) => {
      for (let b = 0; b < batch; b++)
        for (let ci = 0; ci < cin; ci++)
          for (let co = 0; co < cout; co++)
            visit(
              flat([b, ...input, ci], inputShape),
              flat([b, ...output, co], outputShape),
              flat([...tap, ci, co], kernelShape),
            );
    });
  };
  return { outputShape, products };
}

/** `x [b, h, w, cin]`, kernel `[kh, kw, cin, mult]`. */
export function depthwiseProducts(
  inputShape: readonly number[],
  kernelShape: readonly number[],
  geometry: Geometry,
): { outputShape: number[]; products: Products } {
  const [batch = 0, spatial, sizes] = [inputShape[0], inputShape.slice(1, -1), kernelShape.slice(0, 2)];
  const [cin = 0, mult = 0] = kernelShape.slice(2);
  const outputShape = [batch, ...outputSizes(spatial, sizes, geometry), cin * mult];
  const products: Products = (visit) => {
    eachTap(spatial, sizes, geometry, (input, output, tap) => {
      for (let b = 0; b < batch; b++)
        for (let c = 0; c < cin; c++)
          for (let m = 0; m < mult; m++)
            visit(
              flat([b, ...input, c], inputShape),
              flat([b, ...output, c * mult + m], outputShape),
              flat([...tap, c, m], kernelShape),
            );
    });
  };
  return { outputShape, products };
}

/** Sums over windows: products with a single weight 1. */
export function windowProducts(
  inputShape: readonly number[],
  sizes: readonly number[],
  geometry: Geometry,
): { outputShape: number[]; products: Products } {
  const [batch = 0, channels = 0] = [inputShape[0], inputShape.at(-1)];
  const spatial = inputShape.slice(1, -1);
  const outputShape = [batch, ...outputSizes(spatial, sizes, geometry), channels];
  const products: Products = (visit) => {
    eachTap(spatial, sizes, geometry, (input, output) => {
      for (let b = 0; b < batch; b++)
        for (let c = 0; c < channels; c++)
          visit(flat([b, ...input, c], inputShape), flat([b, ...output, c], outputShape), 0);
    });
  };
  return { outputShape, products };
}

export const one: Block = { shape: [1], values: new Float64Array([1]) };

/** `z_j = Σ_i w_ij x_i`. */
export function forward(products: Products, x: Block, w: Block, outputShape: readonly number[]): Block {
  const z = zeros(outputShape);
  products((input, output, weight) => add(z, output, get(w, weight) * get(x, input)));
  return z;
}

/** `c_i = Σ_j w_ij s_j`. */
export function adjoint(products: Products, s: Block, w: Block, inputShape: readonly number[]): Block {
  const c = zeros(inputShape);
  products((input, output, weight) => add(c, input, get(w, weight) * get(s, output)));
  return c;
}

/** Maximum of each window and the flat position of its first occurrence, in row-major order of the window. */
export function firstMaxima(
  x: Block,
  sizes: readonly number[],
  geometry: Geometry,
): { y: Block; where: Map<number, number> } {
  const { outputShape, products } = windowProducts(x.shape, sizes, geometry);
  const y = zeros(outputShape);
  y.values.fill(Number.NEGATIVE_INFINITY);
  const where = new Map<number, number>();
  products((input, output) => {
    if (get(x, input) > get(y, output)) {
      y.values[output] = get(x, input);
      where.set(output, input);
    }
  });
  return { y, where };
}
