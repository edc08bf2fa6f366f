import type { Tensor } from '@tensorflow/tfjs-core';
import { type Explanation, InputError, MatchError } from '../../index.js';
import { findInput } from '../image/heatmap.js';
import { formatNumber, formatSigned } from '../number.js';

/** One number that went into the model, and what it earned. */
export interface Feature {
  /** What it is called. */
  readonly name: string;
  /** Its relevance. */
  readonly relevance: number;
  /** Its own value, shown behind its name. */
  readonly value?: number | string;
}

/** Options of {@link featureRelevance}. */
export interface FeatureOptions {
  /** Names of the features, in the order of the input. Default `feature 0`, `feature 1` ... */
  readonly names?: readonly string[];
  /** Which sample of the batch. Default 0. */
  readonly sample?: number;
  /** Name or index of the model input. Default: the only one. */
  readonly input?: string | number;
  /** The tensor that went into the model, for the values. */
  readonly values?: Tensor;
}

/**
 * The features of one sample of tabular data, `[features]` or `[batch, features]`, with their relevance.
 *
 * @throws InputError when the input is no list of features, or there are more or fewer names.
 * @throws MatchError when the sample or the input does not exist.
 */
export async function featureRelevance(
  explanation: Pick<Explanation, 'inputs'>,
  options: FeatureOptions = {},
): Promise<Feature[]> {
  const { names, sample = 0, values } = options;
  const rows = await readMatrix(findInput(explanation, options.input).relevance);
  const own = values && (await readMatrix(values));
  const row = rows[sample];
  if (!row) throw new MatchError(`There is no sample ${sample}. Allowed: 0 to ${rows.length - 1}.`);
  if (names && names.length !== row.length) {
    throw new InputError(
      `The input has ${row.length} features, received ${names.length} names. Give one name for each.`,
    );
  }
  return row.map((relevance, index) => {
    const value = own?.[sample]?.[index];
    return { name: names?.[index] ?? `feature ${index}`, relevance, ...(value === undefined ? {} : { value }) };
  });
}

/** Numbers in rows, as a tensor or as lists. */
export type Matrix = Tensor | readonly (readonly number[])[];

/**
 * Rows of a matrix; a vector is one row.
 *
 * @throws InputError when the tensor has more than two axes.
 */
export async function readMatrix(matrix: Matrix): Promise<number[][]> {
  if (!('rank' in matrix)) return matrix.map((row) => [...row]);
  const [columns = 0] = matrix.shape.slice(-1);
  if (matrix.rank < 1 || matrix.rank > 2) {
    throw new InputError(
      `A tensor of shape [${matrix.shape.join(', ')}] has no rows and columns: [rows, columns] expected. ` +
        'Take a part of it, such as tf.squeeze(relevance) or one sample.',
    );
  }
  const data = Array.from(await matrix.data(), Number);
  return Array.from({ length: data.length / columns }, (_, row) => data.slice(row * columns, (row + 1) * columns));
}

/** The strongest features, strongest first, and all others as one. */
export function strongest(features: readonly Feature[], top: number): Feature[] {
  if (!(Number.isInteger(top) && top > 0)) throw new InputError(`top must be an integer above 0, received ${top}.`);
  const sorted = [...features].sort((a, b) => Math.abs(b.relevance) - Math.abs(a.relevance));
  const rest = sorted.slice(top);
  if (rest.length === 0) return sorted;
  const relevance = rest.reduce((sum, one) => sum + one.relevance, 0);
  return [...sorted.slice(0, top), { name: `${rest.length} others`, relevance }];
}

/** `age = 42`. Where there is little room the name is cut, not the value. */
export function labelOf(
  { name, value }: Feature,
  cut: (text: string, room: number) => string = (text) => text,
): string {
  if (value === undefined) return cut(name, 0);
  const told = ` = ${typeof value === 'number' ? formatNumber(value) : value}`;
  return `${cut(name, told.length)}${told}`;
}

/** Features in words. */
export function describeFeatures(features: readonly Feature[]): string {
  return features.map((feature) => `${labelOf(feature)}: ${formatSigned(feature.relevance)}`).join('; ');
}
