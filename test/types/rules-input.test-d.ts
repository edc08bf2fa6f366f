import type { layers } from '@tensorflow/tfjs-layers';
import { describe, expectTypeOf, test } from 'vitest';
import {
  type Composite,
  combine,
  composite,
  epsilon,
  epsilonPlus,
  type LayerCall,
  type LinearRule,
  type Match,
  type PresetName,
  pass,
  preset,
  presetNames,
  type Rule,
  type RulesInput,
  type Where,
  zPlus,
} from '../../src/index.js';

declare class MyLayer extends (null as unknown as typeof layers.RNN) {}

describe('rules', () => {
  test('in every form', () => {
    expectTypeOf<'epsilon-plus'>().toExtend<RulesInput>();
    expectTypeOf<Rule>().toExtend<RulesInput>();
    expectTypeOf<Composite>().toExtend<RulesInput>();
    expectTypeOf<Map<Match, Rule>>().toExtend<RulesInput>();
    expectTypeOf<Map<RegExp, LinearRule>>().toExtend<RulesInput>();
    expectTypeOf<{ conv_1: LinearRule; Dense: Rule }>().toExtend<RulesInput>();
    expectTypeOf<(call: LayerCall) => Rule | undefined>().toExtend<RulesInput>();
    expectTypeOf<(call: LayerCall) => Rule>().toExtend<RulesInput>();
  });

  test('and in no other', () => {
    expectTypeOf<number>().not.toExtend<RulesInput>();
    expectTypeOf<Rule[]>().not.toExtend<RulesInput>();
    expectTypeOf<Map<Match, string>>().not.toExtend<RulesInput>();
    expectTypeOf<{ conv_1: 'epsilon' }>().not.toExtend<RulesInput>();
    expectTypeOf<(call: LayerCall) => string>().not.toExtend<RulesInput>();
  });
});

describe('preset names', () => {
  test('are known to the editor, and any text is taken', () => {
    // The names survive as literals beside `string`: that is what completion reads.
    type Texts = Extract<RulesInput, string>;
    expectTypeOf<PresetName>().toExtend<Texts>();
    expectTypeOf<string>().toExtend<Texts>();
    expectTypeOf<Extract<Texts, 'epsilon-gamma-box'>>().toEqualTypeOf<'epsilon-gamma-box'>();
    expectTypeOf(preset).parameter(0).toBeString();
  });

  test('are a closed list', () => {
    expectTypeOf(presetNames).toEqualTypeOf<readonly PresetName[]>();
    expectTypeOf<'epsilon-gamma'>().toExtend<PresetName>();
    expectTypeOf<'epsilon-gama'>().not.toExtend<PresetName>();
    expectTypeOf<string>().not.toExtend<PresetName>();
  });
});

describe('composites', () => {
  test('matches in every form', () => {
    composite('mine', [
      { match: 'conv_1', rule: epsilon() },
      { match: /conv/, rule: zPlus() },
      { match: { position: 'first', className: ['Conv2D', 'Dense'] }, rule: pass(), optional: true },
      { match: (call) => call.className === 'Dense', rule: epsilon() },
      { match: MyLayer, rule: epsilon() },
    ]);
    expectTypeOf<layers.Layer>().toExtend<Match>();
    // @ts-expect-error no such position
    composite('mine', [{ match: { position: 'middle' }, rule: epsilon() }]);
    // @ts-expect-error a name is no rule
    composite('mine', [{ match: 'conv_1', rule: 'epsilon' }]);
    // @ts-expect-error a predicate answers yes or no
    composite('mine', [{ match: (call: LayerCall) => call.className, rule: epsilon() }]);
  });

  test('conditions', () => {
    expectTypeOf<{ range: [0, 2] }>().toExtend<Where>();
    expectTypeOf<{ range: [0] }>().not.toExtend<Where>();
    expectTypeOf<{ weighted: 'yes' }>().not.toExtend<Where>();
  });

  test('combine', () => {
    expectTypeOf(combine(epsilonPlus(), composite('mine', []))).toEqualTypeOf<Composite>();
    // @ts-expect-error rules are not composites
    combine(epsilon());
  });
});
