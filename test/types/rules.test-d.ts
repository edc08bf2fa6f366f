import type * as tf from '@tensorflow/tfjs-core';
import { describe, expectTypeOf, test } from 'vitest';
import {
  alphaBeta,
  type BilinearStep,
  type ElementwiseStep,
  epsilon,
  type Flow,
  type FlowRule,
  flat,
  flowRule,
  gamma,
  type LinearRule,
  type LinearStep,
  linearRule,
  norm,
  type Rule,
  type Step,
  type StepKind,
  signalTakeAll,
  zBox,
} from '../../src/index.js';

test('linear rules', () => {
  expectTypeOf(epsilon()).toEqualTypeOf<LinearRule>();
  expectTypeOf(zBox({ low: [0, 1], high: 'max' })).toEqualTypeOf<LinearRule>();
  gamma(0.5, { stabilizer: { mode: 'clip', epsilon: 1 }, bias: 'distribute' });
  zBox({ low: [[[0, 0]]], high: 1 });
  // @ts-expect-error no such mode
  epsilon(1, { mode: 'max' });
  // @ts-expect-error epsilon is its own stabilizer
  epsilon(1, { stabilizer: 1 });
  // @ts-expect-error flat does not look at biases
  flat({ bias: 'ignore' });
  // @ts-expect-error nor does norm
  norm({ bias: 'absorb' });
  // @ts-expect-error alpha is a number
  alphaBeta('2', '1');
  // @ts-expect-error no such bound
  zBox({ low: 'lowest' });
});

test('linear rules of one own', () => {
  linearRule('mine', { a: 1 }, [
    { weight: 1, gate: 'z>0', terms: [{ input: 'positive', kernel: 'squared', bias: 'none' }] },
  ]);
  // @ts-expect-error no such gate
  linearRule('mine', {}, [{ weight: 1, gate: 'z=0', terms: [] }]);
  // @ts-expect-error every term says what stands for the bias
  linearRule('mine', {}, [{ weight: 1, terms: [{ input: 'all', kernel: 'ones' }] }]);
});

describe('flow rules', () => {
  test('see steps of the kinds they name, and no others', () => {
    flowRule('mine', {
      on: ['elementwise'],
      refuses: (step) => {
        expectTypeOf(step).toEqualTypeOf<ElementwiseStep>();
        return null;
      },
      redistribute: ({ step, xs, y, rOut }) => {
        expectTypeOf(step).toEqualTypeOf<ElementwiseStep>();
        expectTypeOf(xs).toEqualTypeOf<readonly tf.Tensor[]>();
        expectTypeOf(y).toEqualTypeOf<tf.Tensor | null>();
        return [rOut];
      },
    });
    flowRule('mine', {
      on: ['linear', 'bilinear'],
      redistribute: ({ step, rOut }) => {
        expectTypeOf(step).toEqualTypeOf<LinearStep | BilinearStep>();
        expectTypeOf(step.kind).toEqualTypeOf<'linear' | 'bilinear'>();
        return [rOut, null];
      },
    });
  });

  test('of all kinds see any step', () => {
    flowRule('mine', {
      on: 'any',
      redistribute: ({ step }) => {
        expectTypeOf(step).toEqualTypeOf<Step>();
        return [];
      },
    });
  });

  test('refuse what is wrong', () => {
    // @ts-expect-error no such kind
    flowRule('mine', { on: ['convolution'], redistribute: () => [null] });
    // @ts-expect-error relevance is tensors
    flowRule('mine', { on: ['select'], redistribute: () => [1] });
    // @ts-expect-error an elementwise step has no kernel
    flowRule('mine', { on: ['elementwise'], redistribute: ({ step }) => [step.kernel] });
    // @ts-expect-error no such column of the ledger
    flowRule('mine', { on: 'any', redistribute: ({ account, rOut }) => [account('lost', () => rOut), rOut] });
  });

  test('are rules', () => {
    expectTypeOf(signalTakeAll()).toEqualTypeOf<FlowRule>();
    expectTypeOf<FlowRule>().toExtend<Rule>();
    expectTypeOf<FlowRule>().not.toExtend<LinearRule>();
    expectTypeOf<Flow<'linear'>['step']>().toEqualTypeOf<LinearStep>();
    expectTypeOf<Step['kind']>().toEqualTypeOf<StepKind>();
  });
});
