import { describe, expect, test } from 'vitest';
import {
  AbortError,
  DisposedError,
  InputError,
  InternalError,
  LrpError,
  MatchError,
  NumericsError,
  PlanError,
  RuleError,
  TargetError,
} from '../src/index.js';

const place = { address: 'encoder/dense_1', layerType: 'Dense', rule: 'epsilon' };

describe.each([
  ['PlanError', 'plan', new PlanError([{ ...place, message: 'No.' }]), place],
  ['InputError', 'input', new InputError('No.'), {}],
  ['TargetError', 'target', new TargetError('No.'), {}],
  ['NumericsError', 'numerics', new NumericsError('No.', place), place],
  ['RuleError', 'rule', new RuleError('No.', 'epsilon'), { rule: 'epsilon' }],
  ['MatchError', 'match', new MatchError('No.'), {}],
  ['DisposedError', 'disposed', new DisposedError('No.'), {}],
  ['AbortError', 'aborted', new AbortError('No.'), {}],
  ['InternalError', 'internal', new InternalError('No.', place), place],
] as const)('%s', (name, code, error, where) => {
  test('says what it is, to people and to programs', () => {
    expect(error).toBeInstanceOf(LrpError);
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe(name);
    expect(error.code).toBe(code);
    expect(error.place).toMatchObject(where);
    expect(error.message).toContain('No.');
    expect(String(error)).toMatch(new RegExp(`^${name}: `));
  });
});

test('a plan error lists all its problems, and stands at the first', () => {
  const error = new PlanError([{ ...place, message: 'First.' }, { message: 'Second.' }]);
  expect(error.message).toMatchInlineSnapshot(`
    "The model cannot be explained as asked (2 problems):
      1. First.
      2. Second."
  `);
  expect(error.problems).toHaveLength(2);
  expect(error.place.address).toBe('encoder/dense_1');
});

test('an internal error says whose fault it is', () => {
  expect(new InternalError('x').message).toMatch(/^internal: /);
});
