import type { Explanation } from '../explanation/explanation.js';

/** Relevance of one item at one input of the model. */
export interface ItemInput {
  /** Name of the input. */
  readonly name: string;
  /** Shape of the sample, without batch axis. */
  readonly shape: readonly number[];
  /** Relevance in the unit of the explained score, row by row. */
  readonly relevance: Float32Array;
}

/** The relevance of one item as plain data: nothing to dispose, and nothing that holds on to the model. */
export interface ItemRelevance {
  /** At each input, in the order of the model. */
  readonly inputs: readonly ItemInput[];
  /** `output "dense_3"` or `layer "conv_2"`. */
  readonly place: string;
  /** Position of the explained unit in the flattened output; null when it is not one unit. */
  readonly unit: number | null;
  /** The explained score, before any softmax or sigmoid that was set aside. */
  readonly score: number;
}

/** Reads the explanation of a batch. */
export async function readRelevance({ inputs, target }: Explanation): Promise<ItemRelevance[]> {
  const scores = await target.scores.data<'float32'>();
  const weights = await target.weights.data<'float32'>();
  const relevances = await Promise.all(inputs.map(({ relevance }) => relevance.data<'float32'>()));
  return Array.from(scores, (score, sample) => ({
    inputs: inputs.map(({ name, relevance }, position) => ({
      name,
      shape: relevance.shape.slice(1),
      relevance: sampleOf(relevances[position] ?? new Float32Array(), sample, scores.length),
    })),
    place: target.place,
    unit: onlyUnit(sampleOf(weights, sample, scores.length)),
    score,
  }));
}

/** A copy: a view would keep the numbers of the whole batch alive. */
function sampleOf(values: Float32Array, sample: number, samples: number): Float32Array {
  const size = values.length / samples;
  return values.slice(sample * size, (sample + 1) * size);
}

function onlyUnit(weights: Float32Array): number | null {
  const unit = weights.findIndex((weight) => weight !== 0);
  const alone = weights[unit] === 1 && weights.every((weight, index) => index === unit || weight === 0);
  return alone ? unit : null;
}
