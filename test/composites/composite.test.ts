import { describe, expect, test } from 'vitest';
import { combine, composite, epsilonPlus, flat, plan } from '../../src/index.js';
import { smallCnn } from '../plan/models.js';

describe('combine', () => {
  test('remarks and start values are kept', () => {
    const remark = { level: 'warning', message: 'Careful.' } as const;
    const warned = composite('warned', [], { remarks: () => [remark], seed: 'positive' });
    const both = combine(epsilonPlus(), warned, composite('other', [], { remarks: () => [remark] }));
    expect(both.seed).toBe('positive');
    expect(plan(smallCnn(), both).warnings).toEqual(['Careful.', 'Careful.']);
    expect(combine(epsilonPlus(), epsilonPlus()).remarks).toBeUndefined();
  });
});

test('a composite is a value: later changes of its list make no difference', () => {
  const entries = [{ match: 'conv_1', rule: flat() }];
  const rules = composite('mine', entries);
  entries.push({ match: 'nowhere', rule: flat() });
  expect(rules.entries).toHaveLength(1);
  expect(Object.isFrozen(rules)).toBe(true);
});
