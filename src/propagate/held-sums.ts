import * as tf from '@tensorflow/tfjs-core';

/** A tensor on the device whose elements are still to be added up. */
export interface HeldPart {
  /** Batch first; a single sample where it is the same for all. */
  readonly tensor: tf.Tensor;
  /** False where it is the same for all samples. */
  readonly perSample: boolean;
}

/** What a part contributes to a sum: `times` the sum of its elements. */
export interface Counted {
  /** Which part. */
  readonly part: number;
  /** How often it counts. */
  readonly times: number;
  /** Which part it is multiplied by first, element by element. */
  readonly factor?: number;
  /** True where the absolute values are added up. */
  readonly absolute?: boolean;
}

/**
 * Sums per sample that are left to be finished. On the device each has come down to a few numbers; the rest is added up
 * in double precision by whoever reads them. Those whom the sums do not interest pay no small kernels for them.
 */
export interface HeldSums {
  /** Samples. */
  readonly batch: number;
  /** What is added up; several sums may share a part. */
  readonly parts: readonly HeldPart[];
  /** Each sum as what it is made of. */
  readonly cells: readonly (readonly Counted[])[];
  /** The sums themselves, `[cells · batch]`, where they are known already: nothing else counts then. */
  readonly known?: Float64Array;
}

/** Most elements that are read at once. */
const AT_ONCE = 2 ** 22;

/** The tensors that sums hold on to. */
export function tensorsOfSums({ parts }: HeldSums): tf.Tensor[] {
  return parts.map(({ tensor }) => tensor);
}

/** Reads and finishes all sums, `[cells · batch]`. The tensors may end as soon as this has been called. */
export async function readSums(held: HeldSums): Promise<Float64Array> {
  if (held.known) return held.known;
  const groups = inGroups(tensorsOfSums(held));
  const read = await Promise.all(groups.map(readTogether));
  return finish(held, read.flat());
}

/** Finishes all sums with the numbers of {@link tensorsOfSums}, `[cells · batch]`. */
export function finishSums(held: HeldSums, data: readonly Float32Array[]): HeldSums {
  return held.known ? held : knownSums(finish(held, data), held.batch);
}

/** Sums that are known already, `[cells · batch]`. */
export function knownSums(known: Float64Array, batch: number): HeldSums {
  return { batch, parts: [], cells: [], known };
}

/** The same sums of more samples: those of all parts of a batch, whose tensors end. */
export function joinSums(held: readonly HeldSums[]): HeldSums {
  const batch = held.reduce((sum, part) => sum + part.batch, 0);
  const known = held.flatMap((part) => part.known ?? []);
  if (known.length === held.length) return knownSums(sideBySide(held, known, batch), batch);
  const [first] = held;
  const parts = first?.parts.map((_, index) => joinParts(held.flatMap((sums) => sums.parts[index] ?? []))) ?? [];
  return { batch, parts, cells: first?.cells ?? [] };
}

function joinParts(own: readonly HeldPart[]): HeldPart {
  // Where there is one sample it cannot be told what is the same for all.
  const common = own.find(({ perSample }) => !perSample);
  const tensor = common ? tf.clone(common.tensor) : tf.concat(own.map((part) => part.tensor));
  for (const part of own) part.tensor.dispose();
  return { tensor, perSample: !common };
}

function sideBySide(held: readonly HeldSums[], known: readonly Float64Array[], batch: number): Float64Array {
  const cells = (known[0]?.length ?? 0) / (held[0]?.batch ?? 1);
  const sums = new Float64Array(cells * batch);
  let offset = 0;
  for (const [index, own] of known.entries()) {
    const samples = held[index]?.batch ?? 0;
    for (let cell = 0; cell < cells; cell++) {
      sums.set(own.subarray(cell * samples, (cell + 1) * samples), cell * batch + offset);
    }
    offset += samples;
  }
  return sums;
}

/** Lists of neighbours that are not too large to be read at once. */
function inGroups(tensors: readonly tf.Tensor[]): tf.Tensor[][] {
  const groups: tf.Tensor[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const tensor of tensors) {
    if (size + tensor.size > AT_ONCE) {
      groups.push([]);
      size = 0;
    }
    groups.at(-1)?.push(tensor);
    size += tensor.size;
  }
  return groups;
}

/** One transfer for all: each takes a GPU as long as a large one. */
async function readTogether(tensors: readonly tf.Tensor[]): Promise<Float32Array[]> {
  const given = tensors.filter(({ size }) => size > 0);
  const data = given.length > 0 ? await readOnce(given) : new Float32Array(0);
  let offset = 0;
  return tensors.map(({ size }) => {
    offset += size;
    return data.subarray(offset - size, offset);
  });
}

async function readOnce(tensors: readonly tf.Tensor[]): Promise<Float32Array> {
  const row = tf.tidy(() => tf.concat(tensors.map((tensor) => tf.reshape<tf.Rank.R1>(tensor, [tensor.size]))));
  try {
    return await row.data<'float32'>();
  } finally {
    row.dispose();
  }
}

function finish({ batch, parts, cells }: HeldSums, data: readonly Float32Array[]): Float64Array {
  const sums = new Float64Array(cells.length * batch);
  const known = new Map<string, Float64Array>();
  const sumOf = (counted: Counted): Float64Array => {
    const key = `${counted.part} ${counted.factor} ${counted.absolute}`;
    const sum = known.get(key) ?? addUp(counted, parts, data, batch);
    known.set(key, sum);
    return sum;
  };
  for (const [cell, contributions] of cells.entries()) {
    for (const counted of contributions) {
      const sum = sumOf(counted);
      for (let sample = 0; sample < batch; sample++) {
        const place = cell * batch + sample;
        sums[place] = (sums[place] ?? 0) + counted.times * (sum[sample] ?? Number.NaN);
      }
    }
  }
  return sums;
}

/** The sum of a part's elements, for each sample. */
function addUp(
  { part, factor, absolute }: Counted,
  parts: readonly HeldPart[],
  data: readonly Float32Array[],
  batch: number,
): Float64Array {
  const elements = data[part] ?? new Float32Array(0);
  const perSample = parts[part]?.perSample ?? false;
  const factors = factor === undefined ? null : (data[factor] ?? null);
  const length = perSample ? elements.length / batch : elements.length;
  const sums = new Float64Array(batch);
  for (let sample = 0; sample < batch; sample++) {
    const offset = perSample ? sample * length : 0;
    let sum = 0;
    for (let index = 0; index < length; index++) {
      const element = (elements[offset + index] ?? Number.NaN) * (factors ? (factors[index] ?? Number.NaN) : 1);
      sum += absolute ? Math.abs(element) : element;
    }
    sums[sample] = sum;
  }
  return sums;
}
