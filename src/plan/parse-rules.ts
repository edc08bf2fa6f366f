import { formatAddress } from '../address.js';
import { type Composite, type CompositeEntry, composite, type Match } from '../composites/composite.js';
import { type PresetName, preset } from '../composites/presets.js';
import { RuleError } from '../errors.js';
import type { LayerCall } from '../graph/call.js';
import { formatRule, type Rule } from '../rules/rule.js';

/**
 * What `explain` and `plan` take as rules: a preset's name, one rule (for all weighted linear steps, or for all steps of
 * its kind), a composite, a `Map` or record from match to rule, or a function of the layer call.
 */
export type RulesInput =
  | PresetName
  // Any text is checked at run time; the line above keeps the names in the editor's completion.
  | (string & NonNullable<unknown>)
  | Rule
  | Composite
  | ReadonlyMap<Match, Rule>
  | Readonly<Record<string, Rule>>
  | ((call: LayerCall) => Rule | undefined);

/**
 * One composite of whatever the user gave; inside the library there is no other form.
 *
 * @throws RuleError when it is none of the forms.
 */
export function parseRules(rules: RulesInput): Composite {
  if (typeof rules === 'string') return preset(rules);
  if (typeof rules === 'function') return fromFunction(rules);
  if (rules instanceof Map) return fromEntries('rules', [...rules]);
  if (typeof rules !== 'object' || rules === null || Array.isArray(rules)) {
    throw new RuleError(
      `Rules must be a preset name, a rule, a composite, a Map or record of rules, or a function; received ${Array.isArray(rules) ? 'a list' : String(rules)}.`,
      'rules',
    );
  }
  if (isRule(rules)) return fromRule(rules);
  if (isComposite(rules)) return checkEntries(rules);
  return fromEntries('rules', Object.entries(rules));
}

/** True for a rule of either form. */
export function isRule(value: unknown): value is Rule {
  const kind = (value as Partial<Rule> | null)?.kind;
  return kind === 'shares' || kind === 'flow';
}

function isComposite(rules: object): rules is Composite {
  return 'entries' in rules && Array.isArray(rules.entries) && 'name' in rules;
}

function checkEntries(rules: Composite): Composite {
  for (const { match, rule } of rules.entries) checkRule(rule, match, rules.name);
  return rules;
}

function checkRule(rule: unknown, match: Match, name: string): Rule {
  if (isRule(rule)) return rule;
  throw new RuleError(
    `The rule for ${String(match)} is not a rule: received ${typeof rule}. Make one, such as epsilon(1e-6) or zPlus().`,
    name,
  );
}

function fromRule(rule: Rule): Composite {
  const match: Match = rule.kind === 'shares' ? { weighted: true } : {};
  return composite(formatRule(rule), [{ match, rule }]);
}

function fromEntries(name: string, pairs: readonly (readonly [Match, unknown])[]): Composite {
  const entries = pairs.map(([match, rule]): CompositeEntry => ({ match, rule: checkRule(rule, match, name) }));
  return composite(name, entries);
}

/** A function is asked once per layer call; each of its answers becomes an entry of its own. */
function fromFunction(rules: (call: LayerCall) => Rule | undefined): Composite {
  const answers = new Map<LayerCall, Rule | undefined>();
  const answer = (call: LayerCall): Rule | undefined => {
    if (!answers.has(call)) answers.set(call, checkAnswer(rules(call), call));
    return answers.get(call);
  };
  return { ...composite('function', []), ruleOf: answer };
}

/** A function written in JavaScript may answer anything. */
function checkAnswer(rule: Rule | undefined, call: LayerCall): Rule | undefined {
  if (rule === undefined || isRule(rule)) return rule;
  throw new RuleError(
    `The function of the layer answered ${String(rule)} for "${formatAddress(call.address)}", which is not a rule. Answer one, such as epsilon(1e-6), or undefined.`,
    'function',
  );
}
