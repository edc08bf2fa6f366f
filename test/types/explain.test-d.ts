import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { describe, expectTypeOf, it } from 'vitest';
import {
  type Composite,
  composite,
  contrast,
  type Explanation,
  epsilon,
  explain,
  explainAsync,
  explainTargets,
  flowRule,
  type Ledger,
  type LrpError,
  type Plan,
  type PlanError,
  type PresetName,
  plan,
  type Rule,
  type RulesInput,
  zPlus,
} from '../../src/index.js';

declare const model: LayersModel;
declare const input: tf.Tensor;

describe('explain', () => {
  it('answers an explanation, at once or later', () => {
    expectTypeOf(explain(model, input)).toExtend<Explanation>();
    expectTypeOf(explainAsync(model, input)).toEqualTypeOf<Promise<Explanation>>();
    expectTypeOf(plan(model, 'epsilon')).toEqualTypeOf<Plan>();
    expectTypeOf<ReturnType<Explanation['conservation']>>().toEqualTypeOf<Promise<Ledger>>();
  });

  it('can be answered by a tidy, alone or inside other data', () => {
    expectTypeOf(tf.tidy(() => explain(model, input))).toExtend<Explanation>();
    expectTypeOf(tf.tidy(() => plan(model).explain(input))).toExtend<Explanation>();
    expectTypeOf(tf.tidy(() => explainTargets(model, input, [0, 1]))).toExtend<Explanation[]>();
    expectTypeOf(tf.tidy(() => ({ one: explain(model, input), two: [tf.zeros([1])] })).one).toExtend<Explanation>();
    // @ts-expect-error a misspelt name is still an error
    explain(model, input).conservations();
    // @ts-expect-error a misspelt name is still an error
    explain(model, input).input[0];
  });

  it('takes rules in every form', () => {
    expectTypeOf<PresetName>().toExtend<RulesInput>();
    expectTypeOf<Rule>().toExtend<RulesInput>();
    expectTypeOf<Composite>().toExtend<RulesInput>();
    explain(model, input, new Map([['conv', zPlus()]]));
    explain(model, input, { conv: zPlus(), first: epsilon(0.1) });
    explain(model, input, (call) => (call.className === 'Dense' ? epsilon() : undefined));
    // @ts-expect-error a number is no rule
    explain(model, input, 3);
    // @ts-expect-error a record holds rules
    explain(model, input, { conv: 'z-plus' });
  });

  it('knows its options', () => {
    explain(model, [input], 'epsilon', { target: 3, start: 'one', keep: 'inputs', bias: 'ignore', ledger: false });
    explain(model, { image: input }, 'epsilon', { target: { output: 'a', unit: contrast(1, 2) } });
    explain(model, input, 'epsilon', { inputRange: [0, 1], canonize: { batchNorm: 'none' } });
    // @ts-expect-error there is no such start value
    explain(model, input, 'epsilon', { start: 'two' });
    // @ts-expect-error progress is for explainAsync
    explain(model, input, 'epsilon', { onProgress: () => {} });
    void explainAsync(model, input, 'epsilon', { onProgress: ({ done, total }) => done / total, timeBudget: 100 });
  });
});

describe('rules of one’s own', () => {
  it('see steps of the kinds they serve', () => {
    flowRule('mine', {
      on: ['select'],
      redistribute: ({ step, rOut, xs, y }) => {
        expectTypeOf(step.kind).toEqualTypeOf<'select'>();
        return y ? step.route(rOut, xs, y) : [];
      },
    });
    flowRule('other', {
      on: ['elementwise'],
      // @ts-expect-error an elementwise step has no route
      redistribute: ({ step, rOut, xs, y }) => step.route(rOut, xs, y),
    });
    // @ts-expect-error a composite is made of entries
    composite('mine', [zPlus()]);
  });
});

describe('errors', () => {
  it('carry their code, place and problems', () => {
    expectTypeOf<LrpError['code']>().toExtend<string>();
    expectTypeOf<PlanError['problems'][number]['message']>().toEqualTypeOf<string>();
    expectTypeOf<PlanError>().toExtend<LrpError>();
  });
});
