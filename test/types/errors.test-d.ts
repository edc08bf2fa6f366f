import { expectTypeOf, test } from 'vitest';
import {
  type AbortError,
  type ErrorCode,
  type ErrorPlace,
  InputError,
  LrpError,
  NumericsError,
  type PlanError,
  type PlanProblem,
  RuleError,
} from '../../src/index.js';

test('every error has a code and a place', () => {
  expectTypeOf<LrpError>().toExtend<Error>();
  expectTypeOf<LrpError['code']>().toEqualTypeOf<ErrorCode>();
  expectTypeOf<LrpError['place']>().toEqualTypeOf<ErrorPlace>();
  expectTypeOf<AbortError>().toExtend<LrpError>();
  expectTypeOf<ErrorPlace['address']>().toEqualTypeOf<string | undefined>();
});

test('a plan error has all its problems', () => {
  expectTypeOf<PlanError['problems']>().toEqualTypeOf<readonly PlanProblem[]>();
  expectTypeOf<PlanProblem['message']>().toEqualTypeOf<string>();
  expectTypeOf<PlanProblem>().toExtend<ErrorPlace>();
});

test('codes are a closed list', () => {
  const advice = (code: ErrorCode): string => {
    switch (code) {
      case 'plan':
      case 'input':
      case 'target':
      case 'numerics':
      case 'rule':
      case 'match':
      case 'disposed':
      case 'aborted':
      case 'internal':
        return code;
    }
  };
  expectTypeOf(advice).returns.toBeString();
  expectTypeOf<'other'>().not.toExtend<ErrorCode>();
});

test('fields are read only', () => {
  const error = new NumericsError('x', { address: 'dense' });
  // @ts-expect-error
  error.code = 'plan';
  // @ts-expect-error
  error.place.address = 'other';
  // @ts-expect-error a rule error names its rule
  new RuleError('x');
  // @ts-expect-error an input error has no place
  new InputError('x', { address: 'dense' });
  new LrpError('plan', 'x', { layerType: 'Dense' });
});
