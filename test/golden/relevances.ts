import type * as tf from '@tensorflow/tfjs-core';
import type { Explanation } from '../../src/index.js';
import type { Numbers } from './format.js';

/** Relevances of one explanation as plain numbers. */
export interface Relevances {
  /** In the order of the model's inputs. */
  readonly inputs: readonly Numbers[];
  readonly layers: Readonly<Record<string, { readonly input: readonly Numbers[]; readonly output: Numbers }>>;
}

/** Reads an explanation. */
export function relevancesOf(explanation: Explanation): Relevances {
  const layers = Object.entries(explanation.layers).map(([address, { inputs, output }]) => {
    return [address, { input: inputs.map(numbersOf), output: numbersOf(output) }] as const;
  });
  return {
    inputs: explanation.inputs.map((input) => numbersOf(input.relevance)),
    layers: Object.fromEntries(layers),
  };
}

/** Relevance is linear in what it starts with: starting at several outputs is the sum of starting at each. */
export function sumRelevances(parts: readonly Relevances[]): Relevances {
  return parts.reduce((sum, part) => ({
    inputs: addAll(sum.inputs, part.inputs),
    layers: Object.fromEntries(
      Object.entries(sum.layers).map(([address, { input, output }]) => {
        const other = part.layers[address] ?? { input, output };
        return [address, { input: addAll(input, other.input), output: add(output, other.output) }];
      }),
    ),
  }));
}

/** Sum over all inputs, per sample. */
export function sumPerSample(inputs: readonly Numbers[]): Numbers {
  const batch = inputs[0]?.shape[0] ?? 0;
  const sums = new Array<number>(batch).fill(0);
  for (const { data } of inputs) {
    const each = data.length / batch;
    for (const [index, value] of data.entries()) {
      const sample = Math.floor(index / each);
      sums[sample] = (sums[sample] ?? 0) + value;
    }
  }
  return { shape: [batch], data: sums };
}

export function numbersOf(tensor: tf.Tensor): Numbers {
  return { shape: tensor.shape, data: Array.from(tensor.dataSync()) };
}

function addAll(left: readonly Numbers[], right: readonly Numbers[]): Numbers[] {
  return left.map((one, index) => add(one, right[index] ?? one));
}

function add(left: Numbers, right: Numbers): Numbers {
  return { shape: left.shape, data: left.data.map((value, index) => value + (right.data[index] ?? Number.NaN)) };
}
