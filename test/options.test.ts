// Options, matches and rules that no compiler has checked: none is passed over in silence.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, test } from 'vitest';
import {
  type CompositeEntry,
  composite,
  type ExplainOptions,
  explain,
  flat,
  type Keep,
  type Match,
  type PlanError,
  type PlanOptions,
  plan,
  type RulesInput,
  type TargetsOptions,
  type Where,
} from '../src/index.js';
import { errorOf } from './explanation/tools.js';

const x = tf.tensor2d([[1, 2]]);

function small(): tfl.Sequential {
  const hidden = tfl.layers.dense({ units: 3, inputShape: [2], activation: 'relu', name: 'hidden' });
  return tfl.sequential({ name: 'small', layers: [hidden, tfl.layers.dense({ units: 2, name: 'head' })] });
}

const net = small();

async function planErrorOf(run: () => unknown): Promise<PlanError> {
  const error = await errorOf(run);
  expect(error).toMatchObject({ name: 'PlanError' });
  return error as PlanError;
}

test('options that no compiler has checked: all at once', async () => {
  const options = {
    bias: 'keep',
    canonize: { batchNorm: 'all' },
    inputRange: [1, 0],
    registry: {},
    taregt: 3,
  } as unknown as PlanOptions;
  const error = await planErrorOf(() => plan(net, 'epsilon', options));
  expect(error.message).toMatchInlineSnapshot(`
    "The model cannot be explained as asked (5 problems):
      1. A plan takes no "taregt". Expected some of {registry, approximate, bias, canonize, inputRange}.
      2. registry is no registry. Extend the one there is: defaultRegistry.with(MyLayer, adapter).
      3. bias should be one of absorb, ignore, distribute, distribute-all; received "keep".
      4. canonize.batchNorm should be one of both, after, none; received "all".
      5. inputRange should be two numbers, the smaller first, such as [0, 1]; received [1,0]."
  `);
});

test.each<[string, unknown, string]>([
  ['canonize', 'none', `canonize should be an object such as {batchNorm: 'none'}; received "none".`],
  ['canonize', { batchNrom: 'none' }, 'canonize takes no "batchNrom". Expected some of {batchNorm, links}.'],
  ['approximate', 'gradients', `approximate should be 'gradient' or a record such as {MyLayer: 'gradient'}; received`],
  ['inputRange', 3, 'inputRange should be two numbers, the smaller first, such as [0, 1]; received 3.'],
])('%s: %j', async (name, value, message) => {
  expect((await planErrorOf(() => plan(net, 'epsilon', { [name]: value } as PlanOptions))).message).toContain(message);
});

test('options that nobody would read', async () => {
  const misspelt = { taregt: 3 } as ExplainOptions;
  const message = 'explain takes no "taregt". Expected some of {target, start, keep, ledger, memoryBudget}.';
  expect(await errorOf(() => explain(net, x, 'epsilon', misspelt))).toMatchObject({ name: 'MatchError', message });
  const made = plan(net, 'epsilon');
  // Decided once by the plan, and not by each explanation.
  const late = { bias: 'ignore' } as ExplainOptions;
  expect((await errorOf(() => made.explain(x, late))).message).toContain('explain takes no "bias".');
  expect((await errorOf(() => made.explainAsync(x, late))).message).toContain('explainAsync takes no "bias".');
  const one = { target: 3 } as TargetsOptions;
  expect((await errorOf(() => made.explainTargets(x, [0], one))).message).toContain(
    'explainTargets takes no "target".',
  );
  expect((await errorOf(() => made.explainTargetsAsync(x, [0], one))).message).toContain('takes no "target".');
  made.dispose();
});

test.each<[unknown, string]>([
  ['layer', `keep should be 'layers', 'inputs', 'steps' or a list of names such as ['conv_1']; received "layer".`],
  [3, `keep should be 'layers', 'inputs', 'steps' or a list of names such as ['conv_1']; received 3.`],
])('keep: %j', async (keep, message) => {
  const error = await errorOf(() => explain(net, x, 'epsilon', { keep: keep as Keep }));
  expect(error).toMatchObject({ name: 'MatchError', message });
});

test.each<[string, Match, string]>([
  [
    'a condition that does not exist',
    { positon: 'first' } as Where,
    'A match has no "positon". Expected some of {name,',
  ],
  [
    'a position that does not exist',
    { position: 'frist' } as unknown as Where,
    'position should be "first" or "last", received "frist".',
  ],
  [
    'a range the wrong way round',
    { range: [2, 1] },
    'range should be two counts from 0 on, the smaller first; received [2,1].',
  ],
  [
    'no range',
    { range: 3 } as unknown as Where,
    'range should be two counts from 0 on, the smaller first; received 3.',
  ],
  ['no layers', { firstN: 0 }, 'firstN should be a whole number from 1 on, received 0.'],
  ['half a layer', { firstN: 1.5 }, 'firstN should be a whole number from 1 on, received 1.5.'],
  ['a number', 3 as unknown as Match, '3 matches nothing. Give a layer, a class, a name,'],
])('a match by %s', async (_what, match, message) => {
  expect((await planErrorOf(() => plan(net, new Map([[match, flat()]])))).message).toContain(message);
});

test('rules that are none', async () => {
  const entries = [{ match: 'first', rule: 'flat' }] as unknown as CompositeEntry[];
  const error = await errorOf(() => plan(net, composite('mine', entries)));
  expect(error).toMatchObject({ name: 'RuleError' });
  expect(error.message).toMatch(/^The rule for first is not a rule: received string\. Make one/);
  const list = await errorOf(() => plan(net, [] as unknown as RulesInput));
  expect(list).toMatchObject({ name: 'RuleError' });
  expect(list.message).toContain('received a list.');
});
