import type * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { describe, expectTypeOf, test } from 'vitest';
import {
  contrast,
  type ExplainOptions,
  type Explanation,
  epsilon,
  explain,
  explainAsync,
  type Input,
  type Plan,
  type PlanOptions,
  plan,
  type Target,
} from '../../src/index.js';

declare const model: LayersModel;
declare const x: tf.Tensor;
declare const picture: tf.Tensor4D;

describe('explain', () => {
  test('answers an explanation, or a promise of one', () => {
    expectTypeOf(explain(model, x)).toExtend<Explanation>();
    expectTypeOf(explainAsync(model, x)).toEqualTypeOf<Promise<Explanation>>();
    expectTypeOf(plan(model)).toEqualTypeOf<Plan>();
    expectTypeOf(plan(model).explain(x)).toExtend<Explanation>();
  });

  test('takes inputs as a tensor of any rank, a list, a record', () => {
    expectTypeOf<tf.Tensor4D>().toExtend<Input>();
    expectTypeOf<readonly tf.Tensor[]>().toExtend<Input>();
    expectTypeOf<{ a: tf.Tensor2D; b: tf.Tensor }>().toExtend<Input>();
    expectTypeOf<number[]>().not.toExtend<Input>();
    explain(model, picture);
    explain(model, [x, picture]);
    explain(model, { image: picture });
    // @ts-expect-error numbers have to be made a tensor
    explain(model, [1, 2, 3]);
  });

  test('options', () => {
    explain(model, x, 'epsilon', { target: 3, start: 'one', keep: ['conv_1'], ledger: false, bias: 'ignore' });
    explain(model, x, 'epsilon', { canonize: { batchNorm: 'after', links: false }, inputRange: [0, 1] });
    explain(model, x, undefined, { start: x, keep: 'inputs' });
    // @ts-expect-error no such option
    explain(model, x, 'epsilon', { targets: 3 });
    // @ts-expect-error no such start value
    explain(model, x, 'epsilon', { start: 'two' });
    // @ts-expect-error no such bias mode
    explain(model, x, 'epsilon', { bias: 'zero' });
    // @ts-expect-error no such mode of folding
    explain(model, x, 'epsilon', { canonize: { batchNorm: 'before' } });
    // @ts-expect-error a range has two ends
    explain(model, x, 'epsilon', { inputRange: [0] });
    // @ts-expect-error undefined is not the same as left out
    explain(model, x, 'epsilon', { target: undefined });
    // @ts-expect-error only the asynchronous way can be aborted
    explain(model, x, 'epsilon', { signal: new AbortController().signal });
    void explainAsync(model, x, 'epsilon', { signal: new AbortController().signal, timeBudget: 100, check: true });
    void explainAsync(model, x, 'epsilon', { onProgress: ({ phase, done }) => `${phase} ${done + 1}` });
  });

  test('a plan is told what concerns all inputs, an explanation what concerns one', () => {
    expectTypeOf<ExplainOptions>().toExtend<PlanOptions>();
    // @ts-expect-error the target belongs to the explanation
    plan(model, epsilon(), { target: 1 });
    // @ts-expect-error how biases count belongs to the plan
    plan(model).explain(x, { bias: 'ignore' });
  });
});

test('targets', () => {
  expectTypeOf<3>().toExtend<Target>();
  expectTypeOf<number[]>().toExtend<Target>();
  expectTypeOf<[number, number, number][]>().toExtend<Target>();
  expectTypeOf<tf.Tensor>().toExtend<Target>();
  expectTypeOf<'all'>().toExtend<Target>();
  expectTypeOf<(output: tf.Tensor) => tf.Tensor>().toExtend<Target>();
  expectTypeOf(contrast(1, 2)).toExtend<Target>();
  expectTypeOf<{ output: string; unit: number }>().toExtend<Target>();
  expectTypeOf<{ layer: string; channel: number }>().toExtend<Target>();
  expectTypeOf<'most'>().not.toExtend<Target>();
});

test('results are read only', () => {
  const explanation = explain(model, x);
  expectTypeOf(explanation.inputs[0]).toEqualTypeOf<Explanation['inputs'][number] | undefined>();
  expectTypeOf(explanation.layer('conv').output).toEqualTypeOf<tf.Tensor>();
  expectTypeOf(explanation.target.quantity).toEqualTypeOf<'logit' | 'score'>();
  // @ts-expect-error
  explanation.inputs = [];
  // @ts-expect-error
  explanation.plan.rows[0].rule = 'flat';
});
