import { formatAddress } from '../address.js';
import type { Match, Where } from '../composites/composite.js';
import { CONVOLUTIONS, RECURRENT } from '../composites/families.js';
import { isLayerClass } from '../layers/registry.js';
import { nearestNames } from '../names.js';
import { whereProblem } from './check-where.js';
import type { StepInfo } from './steps-of-model.js';

/** A match made ready: which steps it means, what to print as the reason, or why it means nothing certain. */
export interface Matcher {
  readonly test: (step: StepInfo) => boolean;
  /** `name "conv_1"`, `class Conv2D`, `first weighted layer`. */
  readonly because: string;
  /** The match is ambiguous or names nothing: a sentence for the user. */
  readonly problem?: string;
  /** It names a layer that rewriting has worked into its neighbours: nothing is left to give a rule to. */
  readonly gone?: boolean;
}

/**
 * Makes a match ready for the steps of one model.
 *
 * @param gone Names, addresses and classes of layers that rewriting left without steps.
 */
export function matcherOf(match: Match, steps: readonly StepInfo[], gone: readonly string[] = []): Matcher {
  if (typeof match === 'string') return textMatcher(match, steps, gone);
  if (match instanceof RegExp) return { test: (step) => matches(match, step), because: `pattern ${match}` };
  if (isLayerClass(match)) {
    const name = match.className ?? match.name;
    return { test: (step) => isInstance(step, match.prototype), because: `class ${name}` };
  }
  if (typeof match === 'function') return { test: (step) => match(step.call), because: 'predicate' };
  if (typeof match !== 'object' || match === null) return nothing(`${String(match)} matches nothing. ${MATCHES}`);
  if (isLayer(match))
    return {
      test: (step) => step.within.some(({ layer }) => layer === match),
      because: `layer "${match.name}"`,
    };
  const problem = whereProblem(match);
  return problem === null ? whereMatcher(match, steps) : nothing(problem);
}

const MATCHES = 'Give a layer, a class, a name, a pattern, a predicate, or conditions such as {position: "first"}.';

/** Not `test`: that starts where the last match ended if the pattern has the flag `g` or `y`. */
function matches(pattern: RegExp, step: StepInfo): boolean {
  return step.address.search(pattern) !== -1;
}

/** All layer names, addresses (of steps too), roles and class names of a model, for "did you mean". */
export function knownNames(steps: readonly StepInfo[]): string[] {
  return steps.flatMap((step) => [step.call.layer.name, step.address, ...rolesOf(step), ...classesOf(step)]);
}

function rolesOf({ node: { address } }: StepInfo): string[] {
  return address.role === undefined ? [] : [`:${address.role}`, formatAddress(address)];
}

function textMatcher(text: string, steps: readonly StepInfo[], gone: readonly string[]): Matcher {
  if (text.startsWith(':'))
    return { test: (step) => step.node.address.role === text.slice(1), because: `role ${text}` };
  const plain = text.replace(/#0(?=[/:]|$)/g, '');
  const [place = plain, role] = plain.split(':');
  const named = (step: StepInfo) => goesBy(step, place) && (role === undefined || step.node.address.role === role);
  const typed = (step: StepInfo) => classesOf(step).includes(text);
  const asName = steps.some(named);
  const asClass = steps.some(typed);
  const asPosition = text === 'first' || text === 'last';
  if (asName && (asClass || asPosition)) return ambiguous(text, asClass ? 'className' : 'position');
  if (asPosition) return whereMatcher({ position: text }, steps);
  if (asName) return { test: named, because: `name "${text}"` };
  if (asClass) return { test: typed, because: `class ${text}` };
  if (gone.includes(plain)) return { test: () => false, because: '', gone: true };
  return nothing(`"${text}" is neither a layer, an address nor a class of this model. Nearest: ${near(text, steps)}.`);
}

/** A name means a layer, one call of it, or all layers of a nested model. */
function goesBy({ call, address, node }: StepInfo, name: string): boolean {
  if (call.layer.name === name || address === name || address.startsWith(`${name}/`)) return true;
  return node.address.path.some((model) => model.replace(/#\d+$/, '') === name);
}

function whereMatcher(where: Where, steps: readonly StepInfo[]): Matcher {
  const classes = typeof where.className === 'string' ? [where.className] : where.className;
  const counted = steps.filter((step) => step.weighted && (!classes || hasClass(step, classes)));
  const ids = new Set(counted.map((step) => step.node.id));
  const tests: ((step: StepInfo) => boolean)[] = [];
  if (classes) tests.push((step) => hasClass(step, classes));
  if (where.name !== undefined) {
    const { name } = where;
    tests.push((step) => goesBy(step, name));
  }
  if (where.role !== undefined) tests.push((step) => step.node.address.role === where.role);
  if (where.weighted !== undefined) tests.push(where.weighted ? (step) => step.weighted : isSum);
  if (where.repeated !== undefined) tests.push((step) => step.repeated === where.repeated);
  if (where.beforeRelu !== undefined) tests.push((step) => step.beforeRelu === where.beforeRelu);
  if (where.softmaxOperand !== undefined) tests.push((step) => step.softmaxOperand === where.softmaxOperand);
  if (where.position) tests.push(positionTest(where.position, ids));
  const [from, to] = where.range ?? (where.firstN === undefined ? [] : [0, where.firstN - 1]);
  if (from !== undefined && to !== undefined) {
    const inside = new Set(counted.slice(from, to + 1).map((step) => step.node.id));
    tests.push((step) => inside.has(step.node.id));
  }
  return { test: (step) => tests.every((test) => test(step)), because: describeWhere(where) };
}

function positionTest(position: 'first' | 'last', counted: ReadonlySet<number>): (step: StepInfo) => boolean {
  return (step) => {
    if (!counted.has(step.node.id)) return false;
    const others = position === 'first' ? step.before : step.after;
    return ![...others].some((id) => counted.has(id));
  };
}

function describeWhere(where: Where): string {
  const classes = describeClasses(where.className);
  const what = classes ?? 'linear layer';
  const parts: string[] = [];
  if (where.name !== undefined) parts.push(`name "${where.name}"`);
  if (where.role !== undefined) parts.push(`role :${where.role}`);
  if (where.position) parts.push(`${where.position} ${what}`);
  else if (where.range) parts.push(`${what} ${where.range[0]} to ${where.range[1]}`);
  else if (where.firstN !== undefined) parts.push(`among the first ${where.firstN}`);
  else if (classes) parts.push(`any ${classes}`);
  else if (where.weighted === true) parts.push('any weighted linear layer');
  else if (where.weighted === false) parts.push('any sum or average');
  if (where.softmaxOperand !== undefined) parts.push('product with attention weights');
  if (where.repeated !== undefined)
    parts.push(where.repeated ? 'inside a recurrent layer' : 'outside of recurrent layers');
  if (where.beforeRelu !== undefined) parts.push(where.beforeRelu ? 'before a ReLU' : 'not before a ReLU');
  return parts.join(', ') || 'any step';
}

function describeClasses(className: Where['className']): string | null {
  if (className === undefined) return null;
  if (className === CONVOLUTIONS) return 'convolution';
  if (className === RECURRENT) return 'recurrent layer';
  return typeof className === 'string' ? className : className.join(' or ');
}

function ambiguous(text: string, other: 'className' | 'position'): Matcher {
  const what = other === 'className' ? 'a class' : 'a position';
  return nothing(
    `"${text}" is the name of a layer and also ${what}. Say which: {name: '${text}'} or {${other}: '${text}'}.`,
  );
}

function nothing(problem: string): Matcher {
  return { test: () => false, because: '', problem };
}

function near(text: string, steps: readonly StepInfo[]): string {
  return nearestNames(text, knownNames(steps)).join(', ');
}

/** Sums and averages; a batch normalization is neither that nor weighted. */
function isSum({ node: { step }, weighted }: StepInfo): boolean {
  return step.kind === 'linear' && !weighted && step.diagonal !== true;
}

function isInstance(step: StepInfo, prototype: object): boolean {
  return step.within.some(({ layer }) => Object.prototype.isPrototypeOf.call(prototype, layer));
}

/** A class means a layer's own steps, and those of layers of that class inside others: `Dense` in TimeDistributed. */
function hasClass(step: StepInfo, classes: readonly string[]): boolean {
  return classesOf(step).some((name) => classes.includes(name));
}

function classesOf({ within }: StepInfo): string[] {
  return within.map(({ className }) => className);
}

function isLayer(match: object): match is StepInfo['call']['layer'] {
  return 'getClassName' in match && typeof match.getClassName === 'function';
}
