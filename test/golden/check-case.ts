import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Explanation, Plan } from '../../src/index.js';
import { compare, type Difference } from './compare.js';
import type { Expectation, ExpectedFile, Numbers } from './format.js';
import { Inexpressible } from './inexpressible.js';
import type { GoldenCase } from './load-case.js';
import { numbersOf, type Relevances, relevancesOf, sumPerSample, sumRelevances } from './relevances.js';
import { type Start, scoresOf, startsOf } from './start.js';
import { planOf, waysOf } from './ways.js';

/** Largest differences that count as equal, relative to the largest absolute value of the expected tensor. */
const TOLERANCE = { forward: 1e-5, relevance: 1e-4 } as const;

/** What became of an expectation. */
export type Verdict =
  | { readonly status: 'agrees'; readonly worst: Difference }
  | { readonly status: 'differs'; readonly wrong: readonly Difference[] }
  | { readonly status: 'inexpressible'; readonly reason: string; readonly missing: string | undefined };

interface Checked {
  readonly difference: Difference;
  readonly tolerance: number;
}

/** A case with its model built. */
export interface OpenCase {
  readonly model: LayersModel;
  /** In the order of the model. */
  readonly inputs: tf.Tensor[];
  /** Names of the inputs, in the order of the model. */
  readonly names: readonly string[];
  readonly expected: ExpectedFile;
}

/** Brings the inputs into the model's order: by name, or as in the file where the model has no names (Sequential). */
export function openCase({ inputs, expected }: GoldenCase, model: LayersModel): OpenCase {
  const named = (model.inputNames ?? []).flatMap((name) => inputs.find((input) => input.name === name) ?? []);
  const ordered = named.length === inputs.length ? named : inputs;
  return {
    model,
    inputs: ordered.map(({ data, shape, dtype }) => tf.tensor([...data], [...shape], dtype)),
    names: ordered.map(({ name }) => name),
    expected,
  };
}

/** Compares `model.predict` with the stored forward values. */
export function checkForward({ model, inputs, expected }: OpenCase): Verdict {
  const predicted = [model.predict(inputs)].flat();
  const outputs = predicted.map(numbersOf);
  tf.dispose(predicted);
  return verdictOf(
    expected.forward.map(({ output, ...numbers }, index) => {
      const actual = outputs[index] ?? { shape: [], data: [] };
      return { difference: compare(`forward ${output}`, actual, numbers), tolerance: TOLERANCE.forward };
    }),
  );
}

/** Explains in every way the expectation allows and compares everything it lists. */
export function checkExpectation(open: OpenCase, expectation: Expectation): Verdict {
  try {
    const ways = waysOf(expectation, open.model);
    return verdictOf(ways.flatMap((way) => checkPlan(planOf(open.model, way), way.name, open, expectation)));
  } catch (error) {
    if (!(error instanceof Inexpressible)) throw error;
    return { status: 'inexpressible', reason: error.message, missing: error.missing };
  }
}

function checkPlan(plan: Plan, way: string, open: OpenCase, expectation: Expectation): Checked[] {
  try {
    return startsOf(expectation, open.expected).flatMap((start) => {
      const label = `${way}, ${start.name}`;
      return checkStart(plan, start, open, expectation).map(({ difference, tolerance }) => ({
        difference: { ...difference, tensor: `${label}: ${difference.tensor}` },
        tolerance,
      }));
    });
  } finally {
    plan.dispose();
  }
}

function checkStart(plan: Plan, start: Start, open: OpenCase, expectation: Expectation): Checked[] {
  const explanations = start.perOutput.map((options) => plan.explain(open.inputs, options));
  try {
    const forward = explanations.slice(0, 1).flatMap((one) => checkOutputs(one, open.expected));
    const relevances = sumRelevances(explanations.map(relevancesOf));
    return [
      ...forward,
      ...within(TOLERANCE.relevance, checkInputs(relevances, open.names, expectation)),
      ...within(TOLERANCE.relevance, checkLayers(relevances, expectation)),
    ];
  } finally {
    for (const disposable of [...explanations, ...start.own]) disposable.dispose();
  }
}

/** The scores the library explains: the stored logits, or the outputs where nothing was set aside. */
function checkOutputs({ outputs }: Explanation, file: ExpectedFile): Checked[] {
  return outputs.flatMap(({ link, value }, index) => {
    const expected = scoresOf(file)[index];
    const isScore = expected && (link === null || !file.forward.includes(expected));
    if (!isScore) return [];
    return {
      difference: compare(`score ${expected.output}`, numbersOf(value), expected),
      tolerance: TOLERANCE.forward,
    };
  });
}

function checkInputs(relevances: Relevances, names: readonly string[], expectation: Expectation): Difference[] {
  const none: Numbers = { shape: [], data: [] };
  const each = Object.entries(expectation.relevance).map(([name, expected]) => {
    const actual = relevances.inputs[names.indexOf(name)] ?? none;
    return compare(`relevance of input ${name}`, actual, expected);
  });
  const sum = expectation.relevance_sum;
  return [...each, compare('relevance_sum', sumPerSample(relevances.inputs), { shape: [sum.length], data: sum })];
}

function checkLayers(relevances: Relevances, { layers = {} }: Expectation): Difference[] {
  return Object.entries(layers).flatMap(([address, { input, output }]) => {
    const actual = relevances.layers[address];
    if (!actual) return [failure(`layer ${address}`, 'no such layer call')];
    if (actual.input.length !== input.length) {
      return [failure(`layer ${address}`, `has ${actual.input.length} inputs, expected ${input.length}`)];
    }
    return [
      ...input.map((one, index) => {
        const found = actual.input[index] ?? { shape: [], data: [] };
        return compare(`layer ${address} input ${index}`, found, one);
      }),
      compare(`layer ${address} output`, actual.output, output),
    ];
  });
}

function failure(tensor: string, detail: string): Difference {
  return { tensor, error: Number.POSITIVE_INFINITY, detail };
}

function within(tolerance: number, differences: readonly Difference[]): Checked[] {
  return differences.map((difference) => ({ difference, tolerance }));
}

function verdictOf(checked: readonly Checked[]): Verdict {
  const wrong = checked.filter(({ difference, tolerance }) => !(difference.error <= tolerance));
  if (wrong.length > 0) return { status: 'differs', wrong: wrong.map(({ difference }) => difference) };
  const [first, ...rest] = checked.map(({ difference }) => difference);
  if (!first) throw new Error('nothing was compared');
  return { status: 'agrees', worst: rest.reduce((worst, one) => (one.error > worst.error ? one : worst), first) };
}
