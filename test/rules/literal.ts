// Every rule for linear layers written out as loops over the connections of one output unit, in double precision. Nothing
// here is shared with the library.

/** One output unit: its connections, and what it received. The lists have one entry per connection. */
export interface Unit {
  readonly x: readonly number[];
  readonly w: readonly number[];
  /** Bounds of the inputs. */
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** Bias as the rule sees it: 0 where biases are ignored. */
  readonly b: number;
  /** Pre-activation, the layer's own bias included whatever the rule sees. */
  readonly z: number;
  /** Root mean square of `Σ x w + b` over all outputs of the sample. */
  readonly rms: number;
  readonly r: number;
}

/** What one unit gives away. */
export interface Earned {
  /** To each connection. */
  readonly parts: readonly number[];
  /** What bias and stabilizer earn together. */
  readonly rest: number;
  /** Size of the numbers that each part is the sum of; default: the part itself. */
  readonly sizes?: readonly number[];
}

export type LiteralRule = (unit: Unit) => Earned;

export interface LiteralStabilizer {
  readonly mode: 'add' | 'clip';
  readonly epsilon: number;
}

const DEFAULT: LiteralStabilizer = { mode: 'add', epsilon: 1e-6 };

const nothing = ({ x }: Unit): Earned => ({ parts: x.map(() => 0), rest: 0 });
const plus = (value: number) => (value > 0 ? value : 0);
const minus = (value: number) => (value < 0 ? value : 0);

function stabilized(z: number, { mode, epsilon }: LiteralStabilizer): number {
  const sign = z < 0 ? -1 : 1;
  return mode === 'add' ? z + sign * epsilon : sign * Math.max(Math.abs(z), epsilon);
}

/** `R_i = z_ij / z_j R_j`, nothing where `z_j = 0`. */
export const zeroLiteral: LiteralRule = (unit) => {
  let z = unit.b;
  for (const [i, x] of unit.x.entries()) z += x * at(unit.w, i);
  if (z === 0) return nothing(unit);
  return { parts: unit.x.map((x, i) => ((x * at(unit.w, i)) / z) * unit.r), rest: (unit.b / z) * unit.r };
};

/** `R_i = z_ij / stab(z_j) R_j`. */
export function epsilonLiteral(epsilon: number, mode: 'add' | 'clip' | 'relative' | 'unsigned' = 'add'): LiteralRule {
  return (unit) => {
    let z = unit.b;
    for (const [i, x] of unit.x.entries()) z += x * at(unit.w, i);
    // A sample whose outputs are all zero has no size to be relative to: 1 takes its place.
    const size = unit.rms === 0 ? 1 : unit.rms;
    let d = z + epsilon;
    if (mode === 'relative') d = stabilized(z, { mode: 'add', epsilon: epsilon * size });
    else if (mode !== 'unsigned') d = stabilized(z, { mode, epsilon });
    const parts = unit.x.map((x, i) => ((x * at(unit.w, i)) / d) * unit.r);
    return { parts, rest: ((unit.b + d - z) / d) * unit.r };
  };
}

/** Contributions that agree with the sign of the output count `1 + gamma` times. */
export function gammaLiteral(gamma: number, stabilizer = DEFAULT): LiteralRule {
  return (unit) => {
    if (unit.z === 0) return nothing(unit);
    const raise = (c: number) => c + gamma * (unit.z > 0 ? plus(c) : minus(c));
    const n: number[] = [];
    for (const [i, x] of unit.x.entries()) n.push(raise(x * at(unit.w, i)));
    let sum = raise(unit.b);
    for (const part of n) sum += part;
    const d = stabilized(sum, stabilizer);
    return { parts: n.map((part) => (part / d) * unit.r), rest: ((raise(unit.b) + d - sum) / d) * unit.r };
  };
}

/** Positive weights count `1 + gamma` times, whatever the input. */
export function gammaClassicLiteral(gamma: number, biasScaled: boolean, stabilizer = DEFAULT): LiteralRule {
  return (unit) => {
    const bias = biasScaled ? unit.b + gamma * plus(unit.b) : unit.b;
    const n: number[] = [];
    for (const [i, x] of unit.x.entries()) n.push(x * (at(unit.w, i) + gamma * plus(at(unit.w, i))));
    let sum = bias;
    for (const part of n) sum += part;
    const d = stabilized(sum, stabilizer);
    return { parts: n.map((part) => (part / d) * unit.r), rest: ((bias + d - sum) / d) * unit.r };
  };
}

/** Positive and negative contributions apart, weighted `alpha` and `-beta`. */
export function alphaBetaLiteral(alpha: number, beta: number, stabilizer = DEFAULT): LiteralRule {
  return (unit) => {
    let up = plus(unit.b);
    let down = minus(unit.b);
    for (const [i, x] of unit.x.entries()) {
      up += plus(x * at(unit.w, i));
      down += minus(x * at(unit.w, i));
    }
    const dUp = stabilized(up, stabilizer);
    const dDown = stabilized(down, stabilizer);
    const parts = unit.x.map((x, i) => {
      const c = x * at(unit.w, i);
      return (alpha * plus(c) * unit.r) / dUp - (beta * minus(c) * unit.r) / dDown;
    });
    const restUp = (alpha * (plus(unit.b) + dUp - up) * unit.r) / dUp;
    const restDown = (beta * (minus(unit.b) + dDown - down) * unit.r) / dDown;
    return { parts, rest: restUp - restDown };
  };
}

/** `R_i = w_ij² / (Σ w² + b²) R_j`. */
export function wSquareLiteral(stabilizer = DEFAULT): LiteralRule {
  return (unit) => {
    let sum = unit.b * unit.b;
    for (const w of unit.w) sum += w * w;
    const d = stabilized(sum, stabilizer);
    const rest = ((unit.b * unit.b + d - sum) / d) * unit.r;
    return { parts: unit.w.map((w) => ((w * w) / d) * unit.r), rest };
  };
}

/** The same to every connection, weight zero or not. */
export function flatLiteral(stabilizer = DEFAULT): LiteralRule {
  return (unit) => {
    let count = 0;
    for (const _ of unit.w) count += 1;
    const d = stabilized(count, stabilizer);
    return { parts: unit.w.map(() => unit.r / d), rest: ((d - count) / d) * unit.r };
  };
}

/** `n_ij = x_i w_ij - low_i w_ij⁺ - high_i w_ij⁻`; the bias cancels. */
export function zBoxLiteral(stabilizer = DEFAULT): LiteralRule {
  return (unit) => {
    const n: number[] = [];
    const sizes: number[] = [];
    for (const [i, x] of unit.x.entries()) {
      const w = at(unit.w, i);
      n.push(x * w - at(unit.low, i) * plus(w) - at(unit.high, i) * minus(w));
      sizes.push(Math.abs(x * w) + Math.abs(at(unit.low, i) * plus(w)) + Math.abs(at(unit.high, i) * minus(w)));
    }
    let sum = 0;
    for (const part of n) sum += part;
    const d = stabilized(sum, stabilizer);
    return {
      parts: n.map((part) => (part / d) * unit.r),
      rest: ((d - sum) / d) * unit.r,
      sizes: sizes.map((size) => Math.abs((size / d) * unit.r)),
    };
  };
}

/** `R_i = z_ij / stab(Σ_i z_ij) R_j`: the bias is never counted. */
export function normLiteral(stabilizer = DEFAULT): LiteralRule {
  return (unit) => {
    let sum = 0;
    for (const [i, x] of unit.x.entries()) sum += x * at(unit.w, i);
    const d = stabilized(sum, stabilizer);
    const parts = unit.x.map((x, i) => ((x * at(unit.w, i)) / d) * unit.r);
    return { parts, rest: ((d - sum) / d) * unit.r };
  };
}

/** The connections of one output unit of a layer. */
export interface UnitConnections {
  readonly bias: number;
  /** Position of each connected input in the flat sample. */
  readonly inputs: readonly number[];
  readonly weights: readonly number[];
}

/** Connections of a Dense layer on `positions` rows of features; `kernel[i][j]`. */
export function denseConnections(
  kernel: readonly (readonly number[])[],
  bias: readonly number[] | null,
  positions = 1,
): UnitConnections[] {
  const units: UnitConnections[] = [];
  const features = kernel.length;
  const outputs = at(kernel, 0).length;
  for (let position = 0; position < positions; position++) {
    for (let j = 0; j < outputs; j++) {
      const inputs: number[] = [];
      const weights: number[] = [];
      for (let i = 0; i < features; i++) {
        inputs.push(position * features + i);
        weights.push(at(at(kernel, i), j));
      }
      units.push({ bias: bias ? at(bias, j) : 0, inputs, weights });
    }
  }
  return units;
}

export interface ConvGeometry {
  readonly stride: number;
  readonly dilation: number;
  readonly padding: 'same' | 'valid';
}

/** Connections of a Conv2D layer on `[height, width, channels]`; the kernel `[size, size, channels, filters]` is flat. */
export function convConnections(
  [height, width, channels]: readonly [number, number, number],
  size: number,
  filters: number,
  kernel: ArrayLike<number>,
  bias: ArrayLike<number> | null,
  { stride, dilation, padding }: ConvGeometry,
): UnitConnections[] {
  const reach = (size - 1) * dilation + 1;
  const rows = padding === 'same' ? Math.ceil(height / stride) : Math.ceil((height - reach + 1) / stride);
  const columns = padding === 'same' ? Math.ceil(width / stride) : Math.ceil((width - reach + 1) / stride);
  const padded = (outputs: number, inputs: number) => Math.max((outputs - 1) * stride + reach - inputs, 0);
  const top = padding === 'same' ? Math.floor(padded(rows, height) / 2) : 0;
  const left = padding === 'same' ? Math.floor(padded(columns, width) / 2) : 0;
  const units: UnitConnections[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      for (let filter = 0; filter < filters; filter++) {
        const inputs: number[] = [];
        const weights: number[] = [];
        for (let dy = 0; dy < size; dy++) {
          for (let dx = 0; dx < size; dx++) {
            const y = row * stride + dy * dilation - top;
            const x = column * stride + dx * dilation - left;
            if (y < 0 || y >= height || x < 0 || x >= width) continue;
            for (let channel = 0; channel < channels; channel++) {
              inputs.push((y * width + x) * channels + channel);
              weights.push(at(kernel, ((dy * size + dx) * channels + channel) * filters + filter));
            }
          }
        }
        units.push({ bias: bias ? at(bias, filter) : 0, inputs, weights });
      }
    }
  }
  return units;
}

export interface LiteralOptions {
  readonly bias?: 'absorb' | 'ignore' | 'distribute' | 'distribute-all';
  readonly low?: readonly number[];
  readonly high?: readonly number[];
}

/** Relevance of one sample, and the size of the numbers that each element of it is the sum of. */
export function shareLiterally(
  units: readonly UnitConnections[],
  x: ArrayLike<number>,
  r: ArrayLike<number>,
  rule: LiteralRule,
  { bias = 'absorb', low, high }: LiteralOptions = {},
): { readonly values: Float64Array; readonly sizes: Float64Array } {
  const values = new Float64Array(x.length);
  const sizes = new Float64Array(x.length);
  let squares = 0;
  for (const unit of units) squares += (weightedSum(unit, x) + (bias === 'ignore' ? 0 : unit.bias)) ** 2;
  const rms = Math.sqrt(squares / units.length);
  for (const [j, unit] of units.entries()) {
    const received = at(r, j);
    const earned = rule({
      x: unit.inputs.map((i) => at(x, i)),
      w: unit.weights,
      low: unit.inputs.map((i) => (low ? at(low, i) : 0)),
      high: unit.inputs.map((i) => (high ? at(high, i) : 0)),
      b: bias === 'ignore' ? 0 : unit.bias,
      z: weightedSum(unit, x) + unit.bias,
      rms,
      r: received,
    });
    const count = unit.inputs.length;
    // The share of the stabilizer is the difference of two numbers as large as the denominator.
    const restSize = Math.abs(earned.rest) + Math.abs(received);
    if (bias === 'distribute-all') {
      for (let i = 0; i < x.length; i++) {
        values[i] = at(values, i) + earned.rest / x.length;
        sizes[i] = at(sizes, i) + restSize / x.length;
      }
    }
    for (const [position, i] of unit.inputs.entries()) {
      const part = at(earned.parts, position);
      const even = bias === 'distribute' ? earned.rest / count : 0;
      values[i] = at(values, i) + part + even;
      const rest = bias === 'distribute' ? restSize / count : 0;
      sizes[i] = at(sizes, i) + (earned.sizes ? at(earned.sizes, position) : Math.abs(part)) + rest;
    }
  }
  return { values, sizes };
}

function weightedSum(unit: UnitConnections, x: ArrayLike<number>): number {
  let sum = 0;
  for (const [position, i] of unit.inputs.entries()) sum += at(x, i) * at(unit.weights, position);
  return sum;
}

function at<T>(list: ArrayLike<T>, index: number): T {
  const value = list[index];
  if (value === undefined) throw new Error(`nothing at position ${index} of ${list.length}`);
  return value;
}
