import * as tf from '@tensorflow/tfjs-core';
import { DisposedError, InternalError } from '../errors.js';
import { columnMeans, isSmall, totalMeans } from '../kernels/sums.js';
import * as ops from '../tensors/ops.js';

/** A tensor on the device whose elements are still to be added up. */
export interface HeldPart {
  /** Batch first; a single sample where it is the same for all. */
  readonly tensor: tf.Tensor;
  /** False where it is the same for all samples. */
  readonly perSample: boolean;
  /** How often each element counts: means count for all that they are means of. */
  readonly count: number;
  /** What counts, as often, where magnitudes are asked for; undefined where the absolute values of `tensor` do. */
  readonly magnitudes: tf.Tensor | undefined;
  /** True for a tensor of the result, whose it stays: nothing of it has been summed yet. */
  readonly isResult: boolean;
  /** What a tensor of the result has still to be weighed with. */
  readonly scales?: Scales;
}

/** What relevance is weighed with before it is summed. */
export interface Scales {
  /** Tensors on the device, which nobody else holds. */
  readonly weights: readonly tf.Tensor[];
  /** What is summed, batch first. */
  make(relevance: tf.Tensor, weights: readonly tf.Tensor[]): tf.Tensor;
}

/** What a part contributes to a sum: `times` the sum of what its elements stand for. */
export interface Counted {
  /** Which part. */
  readonly part: number;
  /** How often it counts. */
  readonly times: number;
  /** Which part it is multiplied by first, element by element; over and over, where that part is the shorter one. */
  readonly factor?: number;
  /** True where magnitudes are added up. */
  readonly absolute?: boolean;
}

/**
 * Sums per sample that are left to be finished. Relevance that is part of the result stays there; anything else has come
 * down to a few numbers on the device. The rest is done, in double precision at last, for whoever reads the sums. Those
 * whom they do not interest pay no small kernels for them.
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

/** The tensors that only the sums hold on to. */
export function tensorsOfSums({ parts }: HeldSums): tf.Tensor[] {
  return parts.flatMap((part) => (part.isResult ? (part.scales?.weights ?? []) : tensorsOfPart(part)));
}

/** A tensor as it is, to be added up. */
export function wholePart(tensor: tf.Tensor, batch: number, isResult = false): HeldPart {
  return { tensor, perSample: tensor.shape[0] === batch, count: 1, magnitudes: undefined, isResult };
}

/** Begins the sum of a tensor and that of its magnitude. The part's tensors are the caller's. */
export function beginTotal(tensor: tf.Tensor, batch: number): HeldPart {
  const { means, count, magnitudes } = totalMeans(tensor);
  return { ...wholePart(means, batch), count, magnitudes };
}

/** Begins the sum of relevance that is weighed first. The part's tensor is the caller's. */
export function beginWeighed(relevance: tf.Tensor, { weights, make }: Scales, batch: number): HeldPart {
  const { means, count } = tf.tidy(() => ({ ...columnMeans(make(relevance, weights)) }));
  return { ...wholePart(means, batch), count };
}

/**
 * Reads and finishes all sums, `[cells · batch]`. The tensors may end as soon as this has been called.
 *
 * @throws DisposedError when a tensor of the result has ended before.
 */
export async function readSums(held: HeldSums): Promise<Float64Array> {
  if (held.known) return held.known;
  const { sums, made } = begun(held);
  try {
    const tensors = sums.parts.flatMap(tensorsOfPart);
    const read = (await Promise.all(inGroups(tensors).map(readTogether))).flat();
    return finish(sums, new Map(tensors.map((tensor, index) => [tensor, at(read, index)])));
  } finally {
    for (const tensor of made) tensor.dispose();
  }
}

/** Finishes all sums at once with what reads a tensor; the tensors that only they held end. */
export function finishSums(held: HeldSums, read: (tensor: tf.Tensor) => Float32Array): HeldSums {
  if (held.known) return held;
  const { sums, made } = begun(held);
  const tensors = sums.parts.flatMap(tensorsOfPart);
  const data = new Map(tensors.map((tensor) => [tensor, read(tensor)]));
  for (const tensor of [...made, ...tensorsOfSums(held)]) tensor.dispose();
  return knownSums(finish(sums, data), held.batch);
}

/** @throws DisposedError when a tensor of the result that the sums are read from has ended. */
export function checkSums({ parts }: HeldSums): void {
  for (const { isResult, tensor } of parts) if (isResult) checkAlive(tensor);
}

/** The same sums, which do not need the tensors of the result any more. What those are weighed with ends. */
export function detachSums(held: HeldSums): HeldSums {
  const { sums } = begun(held, true);
  for (const { scales } of held.parts) for (const weight of scales?.weights ?? []) weight.dispose();
  return sums;
}

/** Sums that are known already, `[cells · batch]`. */
export function knownSums(known: Float64Array, batch: number): HeldSums {
  return { batch, parts: [], cells: [], known };
}

/** The same sums of more samples: those of all parts of a batch, none of which needs its result. Their tensors end. */
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
  const join = (tensors: readonly tf.Tensor[]) => tf.concat([...tensors]);
  const tensor = common ? tf.clone(common.tensor) : join(own.map((part) => part.tensor));
  const magnitudes = own.flatMap((part) => part.magnitudes ?? []);
  const joined = magnitudes.length === 0 ? undefined : join(magnitudes);
  for (const part of own) for (const ended of tensorsOfPart(part)) ended.dispose();
  return { tensor, perSample: !common, count: own[0]?.count ?? 1, magnitudes: joined, isResult: false };
}

function tensorsOfPart({ tensor, magnitudes }: HeldPart): tf.Tensor[] {
  return magnitudes ? [tensor, magnitudes] : [tensor];
}

/**
 * The sums with those of the result's tensors begun, too, and the tensors made for it.
 *
 * @param all Whether small tensors, which are read as they are, get tensors that are not the result's as well.
 */
function begun(held: HeldSums, all = false): { readonly sums: HeldSums; readonly made: readonly tf.Tensor[] } {
  const made: tf.Tensor[] = [];
  const parts = held.parts.map((part) => {
    if (!part.isResult) return part;
    checkAlive(part.tensor);
    if (!all && !part.scales && isSmall(part.tensor)) return part;
    const { tensor, scales } = part;
    const own = scales ? beginWeighed(tensor, scales, held.batch) : beginTotal(tensor, held.batch);
    made.push(...tensorsOfPart(own));
    return own;
  });
  return { sums: { ...held, parts }, made };
}

function checkAlive(tensor: tf.Tensor): void {
  if (!tensor.isDisposed) return;
  throw new DisposedError(
    'A tensor of the explanation was disposed by itself, so the ledger cannot be read. Read the ledger first ' +
      '(`await explanation.conservation()`), or clone what should end before the explanation does.',
  );
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
  const row = tf.tidy(() => tf.concat(tensors.map((tensor) => ops.reshape<tf.Rank.R1>(tensor, [tensor.size]))));
  try {
    return await row.data<'float32'>();
  } finally {
    row.dispose();
  }
}

type Data = ReadonlyMap<tf.Tensor, Float32Array>;

function finish({ batch, parts, cells }: HeldSums, data: Data): Float64Array {
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

/** The sum of what a part's elements stand for, for each sample. */
function addUp(
  { part, factor, absolute }: Counted,
  parts: readonly HeldPart[],
  data: Data,
  batch: number,
): Float64Array {
  const { tensor, perSample, count, magnitudes } = at(parts, part);
  const elements = numbersOf((absolute ? magnitudes : undefined) ?? tensor, data);
  const factors = factor === undefined ? null : numbersOf(at(parts, factor).tensor, data);
  const length = perSample ? elements.length / batch : elements.length;
  const sums = new Float64Array(batch);
  for (let sample = 0; sample < batch; sample++) {
    const offset = perSample ? sample * length : 0;
    let sum = 0;
    for (let index = 0; index < length; index++) {
      const times = factors ? (factors[index % factors.length] ?? Number.NaN) : 1;
      const element = (elements[offset + index] ?? Number.NaN) * times;
      sum += absolute ? Math.abs(element) : element;
    }
    sums[sample] = count * sum;
  }
  return sums;
}

function numbersOf(tensor: tf.Tensor, data: Data): Float32Array {
  return data.get(tensor) ?? new Float32Array(0);
}

function at<T>(list: readonly T[], index: number): T {
  const value = list[index];
  if (value === undefined) throw new InternalError(`no part ${index} of ${list.length}`);
  return value;
}
