// A batch that would not fit is cut into parts, and nobody can tell from the result.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterAll, describe, expect, inject, test } from 'vitest';
import {
  contrast,
  type Explanation,
  type Progress,
  type PropagateOptions,
  plan,
  type Target,
} from '../../src/index.js';
import { readSums } from '../../src/propagate/held-sums.js';
import { residualNet } from './nets.js';
import { errorOf, numbers, randomizeWeights, randomTensor, tensorCount } from './tools.js';

const net = residualNet();
const x = randomTensor([5, 12, 12, 3], 1);
const mask = randomTensor([5, 4], 2);
afterAll(() => tf.dispose([x, mask]));

/** A budget that is too small for all samples and large enough for their relevances. */
function tight(): number {
  const made = plan(net, 'epsilon');
  made.explain(x).dispose();
  // On wasm weights and what is derived from them lie in memory two or three times.
  const copies = inject('backend') === 'wasm' ? 1.9 : 0;
  const { weightBytes, keptBytes, peakBytes } = made.cost({ batch: 5 });
  const resident = tf.memory().numBytes + copies * (weightBytes + made.derived.bytes);
  made.dispose();
  return resident + keptBytes + ledgerBytes() + 0.5 * (peakBytes - weightBytes);
}

/** What is left of the ledger's sums of all samples, where that is part of the result. */
function ledgerBytes(): number {
  if (['cpu', 'wasm'].includes(inject('backend'))) return 0;
  const made = plan(net, 'epsilon');
  const explanation = made.explain(x);
  const { sums, outputs } = explanation.ledger ?? {};
  const parts = [...(sums?.parts ?? []), ...(outputs?.parts ?? [])];
  const bytes = parts.reduce((sum, { tensor }) => sum + 4 * tensor.size, 0);
  explanation.dispose();
  made.dispose();
  return 4 * bytes;
}

/** Every tensor of an explanation, by name. */
async function tensorsOf({ inputs, outputs, target, layers, ledger }: Explanation): Promise<Record<string, number[]>> {
  const named: [string, tf.Tensor][] = [
    ...inputs.map(({ name, relevance }): [string, tf.Tensor] => [`input ${name}`, relevance]),
    ...outputs.map(({ name, value }): [string, tf.Tensor] => [`output ${name}`, value]),
    ...Object.values(layers).flatMap((layer) =>
      [...layer.inputs, ...layer.outputs].map((one, index): [string, tf.Tensor] => [`${layer.address} ${index}`, one]),
    ),
    ['scores', target.scores],
    ['weights', target.weights],
    ['start', target.relevance],
  ];
  const read = await Promise.all(named.map(async ([name, tensor]) => [name, await numbers(tensor)] as const));
  const sums = ledger && { sums: [...(await readSums(ledger.sums))], watched: [...(await readSums(ledger.outputs))] };
  return { ...Object.fromEntries(read), ...sums };
}

async function expectSame(one: Explanation, other: Explanation): Promise<void> {
  const [own, theirs] = [await tensorsOf(one), await tensorsOf(other)];
  expect(Object.keys(own)).toEqual(Object.keys(theirs));
  const differing = Object.entries(own).filter(([name, values]) => `${values}` !== `${theirs[name]}`);
  expect(differing.map(([name]) => name)).toEqual([]);
}

/** How many times the way forward begins. */
async function partsOf(options: PropagateOptions): Promise<number> {
  const made = plan(net, 'epsilon');
  let begins = 0;
  let before: Progress['phase'] = 'backward';
  const onProgress = ({ phase }: Progress) => {
    if (phase === 'forward' && before === 'backward') begins += 1;
    before = phase;
  };
  (await made.explainAsync(x, { ...options, onProgress })).dispose();
  made.dispose();
  return begins;
}

test('a budget cuts the batch, and none does not', async () => {
  expect(await partsOf({})).toBe(1);
  expect(await partsOf({ memoryBudget: tight() })).toBeGreaterThan(1);
});

describe('the same to the last bit', () => {
  // Shaders may add up otherwise for another shape.
  const exact = inject('backend') === 'cpu' || inject('backend') === 'wasm';
  const targets: [string, Target | undefined][] = [
    ['the strongest unit', undefined],
    ['one class', 2],
    ['one per sample', [0, 1, 2, 3, 0]],
    ['a mask per sample', mask],
    ['a contrast', contrast(1)],
    ['a function', (y) => tf.onesLike(y)],
    ['a channel of a layer', { layer: 'a_add', channel: 1 }],
    ['an element of a layer', { layer: 'a_add', unit: [1, 2, 0] }],
  ];
  test.runIf(exact).each(targets)('%s', async (_name, target) => {
    const made = plan(net, 'epsilon-alpha2-beta1-flat');
    const options = target === undefined ? {} : { target };
    const whole = made.explain(x, options);
    const before = tensorCount();
    const cut = made.explain(x, {
      ...options,
      memoryBudget: tight(),
    });
    await expectSame(cut, whole);
    cut.dispose();
    expect(tensorCount()).toBe(before);
    whole.dispose();
    made.dispose();
  });
});

describe('what cannot be', () => {
  test('results that do not fit are refused before anything runs', async () => {
    const made = plan(net, 'epsilon');
    const error = await errorOf(() => made.explain(x, { memoryBudget: 1 }));
    expect(error).toMatchObject({ code: 'input' });
    // On a GPU what is left of the ledger's sums stays there, too, until somebody reads them.
    const own = ['cpu', 'wasm'].includes(inject('backend')) ? 1 : 2;
    expect(error.message).toContain(`The relevances of 5 samples take ${own} MiB besides `);
    expect(error.message).toMatch(/besides \d+ MiB in use, more than the 1 MiB/);
    made.dispose();
  });

  test('a single sample always runs', () => {
    const made = plan(net, 'epsilon');
    const one = tf.slice(x, [0], [1]);
    made.explain(one, { memoryBudget: 1 }).dispose();
    one.dispose();
    made.dispose();
  });

  test('targets are counted over the whole batch', async () => {
    const made = plan(net, 'epsilon');
    made.explain(x).dispose();
    const error = await errorOf(() => made.explain(x, { target: [1, 2], memoryBudget: tight() }));
    expect(error.message).toContain('2 targets for a batch of 5');
    made.dispose();
  });

  test('a model of a fixed batch stays whole', () => {
    const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 2, batchInputShape: [3, 4] })] });
    randomizeWeights(model);
    const made = plan(model, 'epsilon');
    const input = tf.ones([3, 4]);
    made.explain(input, { memoryBudget: 1 }).dispose();
    input.dispose();
    made.dispose();
  });
});
