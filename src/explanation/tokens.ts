import * as tf from '@tensorflow/tfjs-core';
import { InputError, MatchError } from '../errors.js';
import { sumLastAxis } from '../kernels/sums.js';
import { listNames } from '../names.js';
import { formatShape } from '../tensors/shape.js';
import type { Explanation, InputRelevance } from './explanation.js';

/** What {@link tokenRelevance} may be told. */
export interface TokenOptions {
  /** Name or index of the model input that holds the tokens. Default: the only one. */
  readonly input?: string | number;
  /** Which sample of the batch. Default 0. */
  readonly sample?: number;
}

/** One token and what it earned. */
export interface TokenScore {
  /** The token as given. */
  readonly token: string;
  /** Its place in the sequence, from 0. */
  readonly position: number;
  /** Its relevance, in the unit of the explained score. */
  readonly relevance: number;
}

/**
 * Puts tokens and their relevance side by side. A model that begins with an Embedding has one number per token; where the
 * input is a sequence of vectors, `[time, features]`, a token gets the sum over its vector. What each number of a vector
 * earned remains in the explanation: `explanation.layer('embedding').output`.
 *
 * @param tokens One text per position of the sequence, padding included.
 * @throws InputError when there are more or fewer tokens than positions, or the input is no sequence.
 * @throws MatchError when the input or sample does not exist, or several inputs leave a choice.
 */
export async function tokenRelevance(
  explanation: Pick<Explanation, 'inputs' | 'target'>,
  tokens: readonly string[],
  options: TokenOptions = {},
): Promise<TokenScore[]> {
  const input = findInput(explanation.inputs, options.input);
  const batch = explanation.target.scores.shape[0] ?? 1;
  const { sample = 0 } = options;
  if (!Number.isInteger(sample) || sample < 0 || sample >= batch) {
    throw new MatchError(`There is no sample ${sample}. Allowed: 0 to ${batch - 1}.`);
  }
  const scores = tf.tidy(() => perPosition(input, batch, sample, tokens.length));
  try {
    const numbers = await scores.data();
    return tokens.map((token, position) => ({ token, position, relevance: numbers[position] ?? Number.NaN }));
  } finally {
    scores.dispose();
  }
}

function findInput(inputs: readonly InputRelevance[], wanted: string | number | undefined): InputRelevance {
  const names = inputs.map((input) => input.name);
  const [only] = inputs;
  if (wanted === undefined && inputs.length === 1 && only) return only;
  if (wanted === undefined) {
    throw new MatchError(`The model has ${inputs.length} inputs. Say which holds the tokens: {input: '${names[0]}'}.`);
  }
  const found = typeof wanted === 'number' ? inputs[wanted] : inputs.find((input) => input.name === wanted);
  if (found) return found;
  throw new MatchError(`There is no input ${JSON.stringify(wanted)}. The model has ${listNames(names)}.`);
}

/** Relevance per position of one sample, `[positions]`. */
function perPosition({ name, relevance }: InputRelevance, batch: number, sample: number, count: number): tf.Tensor {
  const batched = isBatched(relevance.shape, batch, count);
  const sequence = batched ? tf.gather(relevance, [sample]) : tf.expandDims(relevance, 0);
  const { shape } = sequence;
  if (shape.length < 2 || shape.length > 3) {
    throw new InputError(
      `Input "${name}" of shape ${formatShape(relevance.shape)} is no sequence of tokens or vectors.`,
    );
  }
  const positions = shape[1] ?? 0;
  if (positions !== count) {
    throw new InputError(
      `Input "${name}" has ${positions} positions per sample, received ${count} tokens. Give one per position, padding included.`,
    );
  }
  return tf.reshape(shape.length === 3 ? sumLastAxis(sequence) : sequence, [positions]);
}

/** Whether the first axis is the batch: a sample explained alone, without it, keeps its own shape. */
function isBatched(shape: readonly number[], batch: number, count: number): boolean {
  if (shape.length !== 2) return shape.length > 2;
  if (batch > 1) return true;
  return shape[0] === 1 && (shape[1] === count || count !== 1);
}
