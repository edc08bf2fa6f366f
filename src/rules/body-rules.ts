import { InternalError } from '../errors.js';
import { flowRule } from './flow-rule.js';
import type { FlowRule } from './rule.js';

/**
 * The rule of a scan: relevance goes through the steps of its body, from the last time step to the first, each by its own
 * rule. The engine does this; the rule only says so.
 */
export function bodyRules(): FlowRule {
  return flowRule('steps', {
    on: ['scan'],
    needs: { inputs: true, output: true },
    redistribute: () => {
      throw new InternalError('a scan is propagated step by step, not by its rule');
    },
  });
}
