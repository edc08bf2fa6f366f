// LRP through recurrent cells, written out number by number as Arras et al. 2017 state it, gates earning nothing. Nothing
// here is shared with the library.

type Vector = readonly number[];
type Matrix = readonly Vector[];

/** The weights of a cell, `[in][units * gates]`, `[units][units * gates]`, `[units * gates]`. */
export interface CellWeights {
  readonly kernel: Matrix;
  readonly recurrent: Matrix;
  readonly bias: Vector;
}

/** How the linear maps share. */
export interface Sharing {
  /** ε. */
  readonly epsilon: number;
  /** 1 to spread what bias and stabilizer keep evenly over all inputs of a map; 0 to lose it. */
  readonly biasFactor: 0 | 1;
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const stab = (z: number, epsilon: number) => (z >= 0 ? z + epsilon : z - epsilon);
const zeros = (n: number) => new Array<number>(n).fill(0);
const add = (a: Vector, b: Vector) => a.map((value, index) => value + get(b, index));
const times = (a: Vector, b: Vector) => a.map((value, index) => value * get(b, index));

/** `x W + h U + b`, the columns of gate `gate`. */
function preActivation(w: CellWeights, x: Vector, h: Vector, gate: number, units: number): number[] {
  return zeros(units).map((_, unit) => {
    const column = gate * units + unit;
    const fromX = x.reduce((sum, value, i) => sum + value * cell(w.kernel, i, column), 0);
    const fromH = h.reduce((sum, value, i) => sum + value * cell(w.recurrent, i, column), 0);
    return fromX + fromH + get(w.bias, column);
  });
}

/** `R_i = Σ_j (x_i w_ij + factor (b_j + ε sign z_j) / n) / stab(z_j) R_j`, n inputs. */
export function shareLinear(x: Vector, w: Matrix, b: Vector, z: Vector, r: Vector, sharing: Sharing): number[] {
  return x.map((value, i) =>
    z.reduce((sum, total, j) => {
      const spread = (get(b, j) + (total >= 0 ? sharing.epsilon : -sharing.epsilon)) / x.length;
      const numerator = value * cell(w, i, j) + sharing.biasFactor * spread;
      return sum + (numerator / stab(total, sharing.epsilon)) * get(r, j);
    }, 0),
  );
}

/** Shares a candidate's pre-activation between the slice and the state it read. */
function shareCandidate(w: CellWeights, x: Vector, h: Vector, gate: number, r: Vector, sharing: Sharing) {
  const units = r.length;
  const columns = (matrix: Matrix) => matrix.map((row) => row.slice(gate * units, (gate + 1) * units));
  const joint = [...columns(w.kernel), ...columns(w.recurrent)];
  const bias = w.bias.slice(gate * units, (gate + 1) * units);
  const both = shareLinear([...x, ...h], joint, bias, preActivation(w, x, h, gate, units), r, sharing);
  return { x: both.slice(0, x.length), h: both.slice(x.length) };
}

/** Shares a sum `a + b` element by element; what bias factor 1 spreads goes to all elements of both. */
function shareSum(a: Vector, b: Vector, r: Vector, sharing: Sharing) {
  const identity = [...a, ...b].map((_, i) => a.map((_, j) => (i % a.length === j ? 1 : 0)));
  const both = shareLinear([...a, ...b], identity, zeros(a.length), add(a, b), r, sharing);
  return { a: both.slice(0, a.length), b: both.slice(a.length) };
}

/** Relevance of `x[time][feature]`, given that of the outputs, `[time][units]`. */
export type Explain = (w: CellWeights, x: Matrix, upper: Matrix, sharing: Sharing) => number[][];

/** `h' = tanh(x W + h U + b)`. */
export const explainSimpleRnn: Explain = (w, x, upper, sharing) => {
  const units = get(upper, 0).length;
  const h: number[][] = [zeros(units)];
  for (const [t, slice] of x.entries()) h.push(preActivation(w, slice, get(h, t), 0, units).map(Math.tanh));
  return backInTime(x, units, (t, carried) => {
    const shared = shareCandidate(w, get(x, t), get(h, t), 0, add(get(upper, t), carried), sharing);
    return { x: shared.x, carried: shared.h };
  });
};

/** `h' = z h + (1 - z) g`, `g = tanh(x W + (r h) U + b)`; gates z, r. */
export const explainGru: Explain = (w, x, upper, sharing) => {
  const units = get(upper, 0).length;
  const steps: { readonly h: Vector; readonly reset: Vector; readonly kept: Vector; readonly written: Vector }[] = [];
  let h: Vector = zeros(units);
  for (const slice of x) {
    const z = preActivation(w, slice, h, 0, units).map(sigmoid);
    const reset = times(preActivation(w, slice, h, 1, units).map(sigmoid), h);
    const g = preActivation(w, slice, reset, 2, units).map(Math.tanh);
    const [kept, written] = [times(z, h), g.map((value, i) => (1 - get(z, i)) * value)];
    steps.push({ h, reset, kept, written });
    h = add(kept, written);
  }
  return backInTime(x, units, (t, carried) => {
    const { reset, kept, written } = get(steps, t);
    const sum = shareSum(kept, written, add(get(upper, t), carried), sharing);
    const candidate = shareCandidate(w, get(x, t), reset, 2, sum.b, sharing);
    return { x: candidate.x, carried: add(sum.a, candidate.h) };
  });
};

/** `c' = f c + i g`, `h' = o tanh(c')`; gates i, f, g, o. */
export const explainLstm: Explain = (w, x, upper, sharing) => {
  const units = get(upper, 0).length;
  const steps: { readonly h: Vector; readonly kept: Vector; readonly written: Vector }[] = [];
  let [h, c]: [Vector, Vector] = [zeros(units), zeros(units)];
  for (const slice of x) {
    const [i, f, g, o] = [0, 1, 2, 3].map((gate) =>
      preActivation(w, slice, h, gate, units).map(gate === 2 ? Math.tanh : sigmoid),
    );
    if (!i || !f || !g || !o) throw new Error('four gates');
    const [kept, written] = [times(f, c), times(i, g)];
    steps.push({ h, kept, written });
    c = add(kept, written);
    h = times(o, c.map(Math.tanh));
  }
  let memory: Vector = zeros(units);
  return backInTime(x, units, (t, carried) => {
    const { h: before, kept, written } = get(steps, t);
    const sum = shareSum(kept, written, add(memory, add(get(upper, t), carried)), sharing);
    memory = sum.a;
    const candidate = shareCandidate(w, get(x, t), before, 2, sum.b, sharing);
    return { x: candidate.x, carried: candidate.h };
  });
};

function backInTime(
  x: Matrix,
  units: number,
  share: (t: number, carried: Vector) => { readonly x: number[]; readonly carried: number[] },
): number[][] {
  const earned: number[][] = [];
  let carried = zeros(units);
  for (let t = x.length - 1; t >= 0; t--) {
    const shared = share(t, carried);
    earned.unshift(shared.x);
    carried = shared.carried;
  }
  return earned;
}

function cell(matrix: Matrix, row: number, column: number): number {
  return get(get(matrix, row), column);
}

function get<T>(list: readonly T[], index: number): T {
  const value = list[index];
  if (value === undefined) throw new Error(`nothing at ${index} of ${list.length}`);
  return value;
}
