import { epsilon as epsilonRule } from '../rules/epsilon.js';
import type { BiasMode } from '../rules/rule.js';
import { type Composite, composite } from './composite.js';

/** Parameters the presets share. */
export interface PresetOptions {
  /** ε of the rule for dense layers. Default 1e-6. */
  readonly epsilon?: number;
  /** Stabilizer of all other rules. Default 1e-6. */
  readonly stabilizer?: number;
  /** What biases earn in every rule of the preset; default: what the plan says. */
  readonly bias?: BiasMode;
}

/** Options of a rule from those of a preset, leaving out what was not given. */
export function ruleOptions({ stabilizer, bias }: PresetOptions): { stabilizer?: number; bias?: BiasMode } {
  return { ...(stabilizer === undefined ? {} : { stabilizer }), ...(bias ? { bias } : {}) };
}

/** Only the bias mode of a preset's options. */
export function biasOption({ bias }: PresetOptions): { bias?: BiasMode } {
  return bias ? { bias } : {};
}

/** LRP-ε on every weighted linear layer. Class-sensitive; noisy on deep convolutional networks. */
export function epsilonEverywhere(options: PresetOptions = {}): Composite {
  const rule = epsilonRule(options.epsilon, biasOption(options));
  return composite('epsilon', [{ match: { weighted: true }, rule, optional: true }]);
}
