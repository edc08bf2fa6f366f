import type { BiasMode, Rule } from '../rules/rule.js';
import { consumersOf, type EdgeId, type StepGraph, type StepNode } from '../steps/graph.js';
import type { Step } from '../steps/step.js';

/** What is known of the relevance on an edge, provided that the start values are zero where the scores are. */
export interface Silence {
  /** Relevance is zero wherever the value is zero. */
  readonly atZero: boolean;
  /** Relevance is zero wherever the value is not positive, as on the pre-activation of a ReLU. */
  readonly belowZero: boolean;
}

/** Nothing is known. */
export const NO_SILENCE: Silence = { atZero: false, belowZero: false };

/**
 * Walks the graph from its outputs and proves where relevance cannot be. Most rules multiply by the input, so units that
 * are silent earn nothing, and nothing reaches the pre-activations a ReLU cut off. That saves the branch of generalized
 * gamma for negative outputs.
 */
export function silenceOf(
  graph: StepGraph,
  ruleOf: (node: StepNode) => { readonly rule: Rule; readonly bias: BiasMode } | undefined,
): ReadonlyMap<EdgeId, Silence> {
  const consumers = consumersOf(graph);
  const known = new Map<EdgeId, Silence>();
  const settle = (edge: EdgeId) => {
    const readers = consumers.get(edge) ?? [];
    const given = readers.map((reader) => {
      const assigned = ruleOf(reader);
      return assigned
        ? silenceGiven(reader, assigned.rule, assigned.bias, known.get(reader.output) ?? NO_SILENCE)
        : NO_SILENCE;
    });
    const isOutput = graph.outputs.includes(edge);
    known.set(edge, {
      atZero: given.every((silence) => silence.atZero),
      belowZero: !isOutput && given.length > 0 && given.every((silence) => silence.belowZero),
    });
  };
  for (const node of [...graph.nodes].reverse()) settle(node.output);
  for (const edge of graph.inputs) settle(edge);
  return known;
}

/** What a step's rule makes of the silence of its output, as seen from its inputs. */
function silenceGiven(node: StepNode, rule: Rule, bias: BiasMode, output: Silence): Silence {
  if (rule.kind === 'shares') {
    const multiplies = rule.shares.every((share) => share.terms.every((term) => isSigned(term.input)));
    return { atZero: multiplies && !bias.startsWith('distribute'), belowZero: false };
  }
  switch (rule.silence) {
    case 'all':
      return { atZero: true, belowZero: true };
    case 'own':
      return { atZero: true, belowZero: false };
    case 'handed':
      return handedOn(node.step, output);
    case 'none':
      return NO_SILENCE;
  }
}

/** The silence of inputs whose relevance stays with the value. */
function handedOn(step: Step, output: Silence): Silence {
  switch (step.kind) {
    case 'elementwise':
      return {
        atZero: step.keepsZero === true && output.atZero,
        belowZero: step.deadBelowZero === true && output.atZero,
      };
    case 'select':
      return output;
    case 'relabel':
      return step.mixes ? NO_SILENCE : output;
    case 'bilinear':
      // Element by element a zero operand makes a zero product; a matrix product multiplies by the operand anyway.
      return { atZero: !step.elementwise || output.atZero, belowZero: false };
    default:
      return NO_SILENCE;
  }
}

function isSigned(input: unknown): boolean {
  return input === 'all' || input === 'positive' || input === 'negative';
}
