// What must hold for every model: random graphs of random layers, random rules.
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import {
  alphaBeta,
  type ExplainOptions,
  type Explanation,
  epsilon,
  explain,
  explainAsync,
  flat,
  gamma,
  gammaClassic,
  type PlanOptions,
  plan,
  type RulesInput,
  wSquare,
  zBox,
  zero,
  zPlus,
} from '../../src/index.js';
import { at, expectClose, expectNumbersClose, numbers, predict, readings, tensorCount } from '../explanation/tools.js';
import { ALL_RUN, runs } from '../runs.js';
import { type Made, makeChain, makeModel, modelSpec } from './random-model.js';

afterEach(() => {
  tf.disposeVariables();
});

/** Presets that take any model; deep Taylor refuses all activations but ReLU. */
const rules: fc.Arbitrary<RulesInput | undefined> = fc.constantFrom<(RulesInput | undefined)[]>(
  undefined,
  'epsilon',
  'epsilon-plus',
  'epsilon-plus-flat',
  'epsilon-gamma',
  'epsilon-gamma-box',
  'epsilon-alpha2-beta1',
  'epsilon-alpha2-beta1-flat',
  'excitation-backprop',
  'preset-a-flat',
  'preset-b',
  epsilon(0.1, { mode: 'relative' }),
  zero(),
  gamma(1),
  gammaClassic(0.5),
  alphaBeta(2, 1),
  zPlus({ bias: 'distribute' }),
  wSquare(),
  flat(),
  zBox({ low: -1, high: 1 }),
);

const planOptions: fc.Arbitrary<PlanOptions> = fc.record({
  bias: fc.constantFrom('absorb', 'ignore', 'distribute'),
  canonize: fc.record({ batchNorm: fc.constantFrom('both', 'after', 'none'), links: fc.boolean() }),
});

/** Runs `check` on generated models and throws the model away after each. */
async function forModels(
  numRuns: number,
  check: (made: Made, rules: RulesInput | undefined, options: Options) => Promise<void>,
) {
  await fc.assert(
    fc.asyncProperty(modelSpec, rules, planOptions, async (spec, rule, options) => {
      const made = makeModel(spec);
      try {
        const target = made.model.outputs.length > 1 ? { target: { output: spec.seed % 2 } } : {};
        await check(made, rule, { ...options, ...target });
      } finally {
        tf.dispose(made.inputs);
        tf.disposeVariables();
      }
    }),
    { numRuns: runs(numRuns), seed: 20_250_101 },
  );
}

type Options = Pick<ExplainOptions, 'target' | 'bias' | 'canonize'>;

/** Runs and disposes. */
async function withExplanation(explanation: Explanation, read: (explanation: Explanation) => Promise<void>) {
  try {
    await read(explanation);
  } finally {
    explanation.dispose();
  }
}

/** The score as the model states it, with the function that was set aside. */
function afterLink(score: tf.Tensor, link: string | null): tf.Tensor {
  return tf.tidy(() => {
    if (link === null) return tf.clone(score);
    return link === 'softmax' ? tf.softmax(score) : tf.sigmoid(score);
  });
}

test('the steps compute what the model computes, however they are rewritten', async () => {
  const links = new Set<string | null>();
  await forModels(40, async ({ model, inputs }, rule, options) => {
    const expected = predict(model, inputs);
    await withExplanation(explain(model, inputs, rule, options), async ({ outputs }) => {
      expect(outputs).toHaveLength(expected.length);
      for (const [index, { value, link }] of outputs.entries()) {
        links.add(link);
        const probability = afterLink(value, link);
        await expectClose(probability, at(expected, index));
        probability.dispose();
      }
    });
    tf.dispose(expected);
  });
  if (ALL_RUN) expect([...links].sort()).toEqual([null, 'sigmoid', 'softmax'].sort());
});

test('the ledger closes on every step', async () => {
  let rows = 0;
  await forModels(40, async ({ model, inputs }, rule, options) => {
    await withExplanation(explain(model, inputs, rule, options), async (explanation) => {
      const ledger = await explanation.conservation();
      if (ledger.verdict === 'open') throw new Error(`${explanation.plan}\n${ledger}`);
      expect(ledger.verdict).toBe('closed');
      expect(ledger.worst?.relativeResidual).toBeLessThan(1e-5);
      rows += ledger.rows.filter((row) => row.received !== 0).length;
    });
  });
  expect(rows).toBeGreaterThan(ALL_RUN ? 200 : 0);
});

test('nothing is left behind and nothing of the user is touched', async () => {
  await forModels(20, async ({ model, inputs }, rule, options) => {
    const weights = await Promise.all(model.weights.map((weight) => numbers(weight.read())));
    const given = await Promise.all(inputs.map(numbers));
    const before = tensorCount();
    explain(model, inputs, rule, options).dispose();
    expect(tensorCount()).toBe(before);
    tf.tidy(() => {
      explain(model, inputs, rule, options);
    });
    expect(tensorCount()).toBe(before);
    const kept = tf.tidy(() => explain(model, inputs, rule, options));
    const fresh = explain(model, inputs, rule, options);
    expect(await readings(kept)).toEqual(await readings(fresh));
    expect(`${await kept.conservation()}`).toBe(`${await fresh.conservation()}`);
    fresh.dispose();
    kept.dispose();
    expect(tensorCount()).toBe(before);
    expect(await Promise.all(model.weights.map((weight) => numbers(weight.read())))).toEqual(weights);
    expect(await Promise.all(inputs.map(numbers))).toEqual(given);
  });
});

test('a plan used twice, another plan, and the asynchronous way all give the same to the bit', async () => {
  await forModels(15, async ({ model, inputs }, rule, options) => {
    const before = tensorCount();
    const { target, ...planOptions } = options;
    const [one, other] = [plan(model, rule, planOptions), plan(model, rule, planOptions)];
    expect(other.toString()).toBe(one.toString());
    expect(one.compare(other)).toEqual([]);
    const asked = target === undefined ? {} : { target };
    const first = one.explain(inputs, asked);
    const expected = await readings(first);
    const made = one.derived.made;
    for (const again of [
      one.explain(inputs, asked),
      other.explain(inputs, asked),
      await explainAsync(model, inputs, rule, options),
    ]) {
      expect(await readings(again)).toEqual(expected);
      expect(`${await again.conservation()}`).toBe(`${await first.conservation()}`);
      again.dispose();
    }
    expect(one.derived.made).toBe(made);
    first.dispose();
    one.dispose();
    other.dispose();
    expect(tensorCount()).toBe(before);
  });
});

test('keeping only the inputs, or no ledger, changes no relevance', async () => {
  await forModels(15, async ({ model, inputs }, rule, options) => {
    await withExplanation(explain(model, inputs, rule, options), async (full) => {
      for (const less of [{ keep: 'inputs' }, { ledger: false }, { keep: 'inputs', ledger: false }] as const) {
        await withExplanation(explain(model, inputs, rule, { ...options, ...less }), async (lean) => {
          for (const [index, { relevance }] of full.inputs.entries()) {
            expect(await numbers(at(lean.inputs, index).relevance)).toEqual(await numbers(relevance));
          }
          if ('keep' in less) expect(lean.layers).toEqual({});
          expect(lean.ledger === null).toBe('ledger' in less);
        });
      }
    });
  });
});

test('a batch of n equals n singles', async () => {
  await forModels(25, async ({ model, inputs }, rule, options) => {
    const batch = explain(model, inputs, rule, options);
    const size = at(inputs, 0).shape[0] ?? 1;
    for (let sample = 0; sample < size; sample++) {
      const singles = inputs.map((input) =>
        tf.tidy(() => tf.reshape(tf.slice(input, sample, 1), input.shape.slice(1))),
      );
      await withExplanation(explain(model, singles, rule, options), async (single) => {
        for (const [index, { relevance }] of single.inputs.entries()) {
          const whole = await numbers(at(batch.inputs, index).relevance);
          const part = whole.slice(sample * relevance.size, (sample + 1) * relevance.size);
          expect(relevance.shape).toEqual(at(inputs, index).shape.slice(1));
          expectNumbersClose(await numbers(relevance), part);
        }
      });
      tf.dispose(singles);
    }
    batch.dispose();
  });
});

test('a Sequential equals the same functional model', async () => {
  await fc.assert(
    fc.asyncProperty(modelSpec, rules, planOptions, async (spec, rule, options) => {
      const { model, sequential, inputs } = makeChain(spec);
      const [a, b] = [explain(model, inputs, rule, options), explain(sequential, inputs, rule, options)];
      expect(a.plan.rows.map(withoutNames(model))).toEqual(b.plan.rows.map(withoutNames(sequential)));
      expect(await numbers(at(b.inputs, 0).relevance)).toEqual(await numbers(at(a.inputs, 0).relevance));
      expect(await numbers(b.target.scores)).toEqual(await numbers(a.target.scores));
      const [ofA, ofB] = [await a.conservation(), await b.conservation()];
      expect(ofB.rows.map((row) => row.samples)).toEqual(ofA.rows.map((row) => row.samples));
      a.dispose();
      b.dispose();
      tf.dispose(inputs);
      tf.disposeVariables();
    }),
    { numRuns: runs(20), seed: 20_250_101 },
  );
});

/** A row of the plan with layers numbered instead of named. */
function withoutNames(model: tfl.LayersModel) {
  return (row: Explanation['plan']['rows'][number]) => {
    const [layer = '', role = ''] = row.address.split(':');
    const place = model.layers.findIndex((known) => known.name === layer);
    return [place, role, row.layerType, row.step, row.rule, row.because.replace(/"[^"]*"/g, 'another')];
  };
}
