import { bodyRules } from '../rules/body-rules.js';
import { epsilon } from '../rules/epsilon.js';
import { gradientTimesInput } from '../rules/gradient.js';
import { layerNorm } from '../rules/layer-norm.js';
import { norm } from '../rules/norm.js';
import { move, pass } from '../rules/pass.js';
import { signalTakeAll, uniformSplit } from '../rules/product.js';
import type { Rule } from '../rules/rule.js';
import { winnerTakeAll } from '../rules/select.js';
import { softmaxTaylor } from '../rules/softmax-taylor.js';
import type { Step } from '../steps/step.js';

/** The rule of a step that no entry speaks of, and why. Weighted linear steps take LRP-ε. */
export function defaultRule(step: Step): { readonly rule: Rule; readonly because: string } {
  switch (step.kind) {
    case 'linear':
      if (step.diagonal) return { rule: pass(), because: 'default: a factor per element' };
      if (step.kernel === null) return { rule: norm(), because: 'default: sums and averages' };
      return { rule: epsilon(), because: 'default: no entry matches' };
    case 'elementwise':
      return { rule: pass(), because: 'default: activations' };
    case 'select':
      return { rule: winnerTakeAll(), because: 'default: selections' };
    case 'bilinear':
      // In attention the weights depend on the input as much as the values do.
      return step.signal === undefined || !step.elementwise
        ? { rule: uniformSplit(), because: 'default: products' }
        : { rule: signalTakeAll(), because: 'default: gates' };
    case 'softmax':
      return step.logarithm
        ? { rule: pass(), because: 'default: log-softmax' }
        : { rule: softmaxTaylor(), because: 'default: softmax' };
    case 'normalize':
      return { rule: layerNorm(), because: 'default: normalization' };
    case 'relabel':
      return { rule: move(), because: 'default: elements move' };
    case 'opaque':
      return { rule: gradientTimesInput(), because: 'asked for: approximate' };
    case 'scan':
      return { rule: bodyRules(), because: 'its steps have rules of their own' };
  }
}
