import type * as tf from '@tensorflow/tfjs-core';
import { formatAddress } from '../address.js';
import { DisposedError, MatchError } from '../errors.js';
import { listNames, nearestNames } from '../names.js';
import { withPlannedBodies } from '../plan/plan-graph.js';
import type { PlannedModel } from '../plan/plan-model.js';
import { tensorsOfSums } from '../propagate/held-sums.js';
import type { CallRelevance, Propagated, StepRelevance } from '../propagate/run.js';
import type { StartValue } from '../propagate/target.js';
import { formatRule } from '../rules/rule.js';
import { type LedgerSource, readLedger, type StepLabel } from './conservation.js';
import type { Ledger } from './ledger.js';
import { type PlanSummary, summaryOf } from './plan-summary.js';
import { type ExplanationRecord, recordOf } from './record.js';

/** Relevance at one input of the model. */
export interface InputRelevance {
  /** Name of the input. */
  readonly name: string;
  /** In the shape of the input as it was given, in the unit of the explained score. */
  readonly relevance: tf.Tensor;
}

/** One output of the model as the explanation saw it. */
export interface OutputValue {
  /** Name of the output. */
  readonly name: string;
  /** The score, before any softmax or sigmoid that was set aside. Batch axis first. */
  readonly value: tf.Tensor;
  /** What was set aside: `softmax`, `sigmoid`, ... or null. */
  readonly link: string | null;
}

/** What was explained. */
export interface ExplainedTarget {
  /** `output "dense_3"` or `layer "conv_2"`. */
  readonly place: string;
  /** `logit` when a softmax or sigmoid was set aside, else `score`. */
  readonly quantity: 'logit' | 'score';
  /** What the explained units started with. */
  readonly start: 'score' | 'one' | 'custom';
  /** `[batch]`: the explained score of each sample. */
  readonly scores: tf.Tensor;
  /** Which units count how much; the shape of the output. */
  readonly weights: tf.Tensor;
  /** The relevance that was started with; the shape of the output. */
  readonly relevance: tf.Tensor;
}

/**
 * Relevance of one layer call, or of one step inside a layer where steps are kept. Batch axis first; what is repeated
 * over time has the time as axis 1, in the order of the layer's input.
 */
export interface LayerRelevance {
  /** Address of the call, or of the step: `lstm_1`, `lstm_1:candidate`. */
  readonly address: string;
  /** Class of the layer. */
  readonly layerType: string;
  /** At each output of the call; a step has one. */
  readonly outputs: readonly tf.Tensor[];
  /** What the call hands to each of its inputs; not kept of steps. */
  readonly inputs: readonly tf.Tensor[];
  /** The first output. */
  readonly output: tf.Tensor;
}

/**
 * Relevance of one input (or batch), as plain data and tensors the caller owns. It survives `tf.tidy`; `dispose()` may be
 * called twice.
 */
export interface Explanation {
  /** Relevance of the inputs, in the order of the model. */
  readonly inputs: readonly InputRelevance[];
  /** Values of the outputs, in the order of the model. */
  readonly outputs: readonly OutputValue[];
  /** What was explained. */
  readonly target: ExplainedTarget;
  /** Relevance of every kept layer call, and of steps where they are kept, by address. */
  readonly layers: Readonly<Record<string, LayerRelevance>>;
  /** How it was explained: the readable part of the plan. */
  readonly plan: PlanSummary;
  /** Sums of the ledger; read them with {@link Explanation.conservation}. Null with `ledger: false`. */
  readonly ledger: LedgerSource | null;
  /**
   * Relevance of a layer call, by address, or by layer name when the layer is called once (else `shared#0`, `shared#1`);
   * with `{keep: 'steps'}` also of a step inside it: `layer('lstm_1:candidate')`.
   *
   * @throws MatchError when there is none, or several.
   */
  layer(name: string): LayerRelevance;
  /**
   * The account of all relevance, step by step.
   *
   * @throws NumericsError naming the first step where NaN or infinity appeared.
   */
  conservation(): Promise<Ledger>;
  /** Everything as plain JSON data; read it back with {@link fromJSON}. */
  toJSON(): Promise<ExplanationRecord>;
  /** True after {@link Explanation.dispose}. */
  isDisposed(): boolean;
  /** Ends all tensors of this explanation. */
  dispose(): void;
}

/**
 * Lets `tf.tidy(() => explain(...))` compile: tidy answers what may hold nothing but data, and to TypeScript this has no
 * other fields than those of the {@link Explanation}.
 */
export interface Tidiable {
  /** There is none. */
  readonly [other: string]: undefined;
}

/** Makes the explanation of a finished run; it takes over all tensors of the run. */
export function explanationOf(
  plan: PlannedModel,
  run: Propagated,
  start: StartValue | undefined,
): Explanation & Tidiable {
  const summary = summaryOf(plan);
  const kept = [...run.calls.map(layerOf), ...run.steps.map(stepOf)];
  const layers = Object.fromEntries(kept.map((layer) => [layer.address, layer]));
  const inputs = plan.inputs.map(
    (port, index): InputRelevance => ({ name: port.name, relevance: at(run.inputs, index) }),
  );
  const outputs = plan.outputs.map(
    (port, index): OutputValue => ({ name: port.name, value: at(run.outputs, index), link: port.link }),
  );
  const target: ExplainedTarget = {
    place: run.place.name,
    quantity: run.place.link ? 'logit' : 'score',
    start: start === undefined ? 'score' : typeof start === 'string' ? start : 'custom',
    ...run.seed,
  };
  const ledger = run.ledger && ledgerSource(plan, run);
  return assemble({ inputs, outputs, target, layers, plan: summary, ledger });
}

/** The data of an explanation, before its methods. */
export type ExplanationData = Pick<Explanation, 'inputs' | 'outputs' | 'target' | 'layers' | 'plan' | 'ledger'>;

/** Gives data its methods. Tensors stay in plain fields, where `tf.tidy` finds them. */
export function assemble(data: ExplanationData): Explanation & Tidiable {
  let disposed = false;
  const alive = (): void => {
    if (disposed) {
      throw new DisposedError(`The explanation of "${data.plan.model}" has been disposed. Explain again to read it.`);
    }
  };
  const explanation: Explanation = {
    ...data,
    isDisposed: () => disposed,
    layer: (name) => {
      alive();
      return findLayer(data.layers, name);
    },
    conservation: async () => {
      alive();
      if (!data.ledger) {
        throw new MatchError(
          'This explanation has no ledger: it was made with {ledger: false}. Explain again without it.',
        );
      }
      return readLedger(data.ledger);
    },
    toJSON: async () => {
      alive();
      return recordOf(data);
    },
    dispose: () => {
      disposed = true;
      for (const tensor of tensorsOf(data)) tensor.dispose();
    },
  };
  return explanation as Explanation & Tidiable; // it holds no field beside the declared ones
}

/** All tensors of an explanation, each once. */
export function tensorsOf(data: ExplanationData): Set<tf.Tensor> {
  const { ledger, target } = data;
  return new Set([
    ...data.inputs.map((input) => input.relevance),
    ...data.outputs.map((output) => output.value),
    ...Object.values(data.layers).flatMap((layer) => [...layer.inputs, ...layer.outputs]),
    target.scores,
    target.weights,
    target.relevance,
    ...(ledger ? [...tensorsOfSums(ledger.sums), ...tensorsOfSums(ledger.outputs)] : []),
  ]);
}

function findLayer(layers: Readonly<Record<string, LayerRelevance>>, name: string): LayerRelevance {
  const plain = name.replace(/#0(?=[/:]|$)/g, '');
  const exact = Object.hasOwn(layers, plain) ? layers[plain] : undefined;
  if (exact) {
    if (plain === name) refuseOneOfSeveral(layers, name);
    return exact;
  }
  // A bare layer name is enough while only one nested model has such a layer.
  const named = Object.values(layers).filter((layer) => layer.address.endsWith(`/${plain}`));
  const [only] = named;
  if (named.length === 1 && only) return only;
  if (named.length > 1) {
    const listed = listNames(named.map((layer) => layer.address));
    throw new MatchError(`There are ${named.length} layers "${name}": ${listed}. Give one of these addresses.`);
  }
  throw new MatchError(`There is no relevance of a layer "${name}"; ${hintFor(name, Object.keys(layers))}.`);
}

function hintFor(name: string, addresses: readonly string[]): string {
  if (addresses.length === 0) return 'none was kept: explain with {keep: "layers"}';
  const isStep = (address: string) => address.includes(':');
  if (isStep(name) && !addresses.some(isStep)) return 'no steps inside layers were kept: explain with {keep: "steps"}';
  return `nearest: ${listNames(nearestNames(name, addresses))}`;
}

/** The address of a first call is also the name that all calls of a layer share. */
function refuseOneOfSeveral(layers: Readonly<Record<string, LayerRelevance>>, name: string): void {
  const uncounted = (address: string) => address.replace(/#\d+(?=[/:]|$)/g, '');
  const calls = Object.keys(layers).filter((address) => uncounted(address) === name);
  if (calls.length < 2) return;
  const others = calls.filter((address) => address !== name);
  const listed = listNames([firstCall(name, others), ...others]);
  throw new MatchError(`"${name}" is called ${calls.length} times: ${listed}. Give one of these addresses.`);
}

/** The address with the number 0 written out where others have another: `encoder#0/dense`, `dense#0:activation`. */
function firstCall(address: string, others: readonly string[]): string {
  const numbered = (index: number) => others.some((other) => other.split('/')[index]?.includes('#'));
  return address
    .split('/')
    .map((part, index) => (numbered(index) ? part.replace(/^[^:]+/, '$&#0') : part))
    .join('/');
}

function layerOf({ taps, inputs, outputs }: CallRelevance): LayerRelevance {
  const { address, className } = taps.call;
  return { address: formatAddress(address), layerType: className, inputs, outputs, output: at(outputs, 0) };
}

function stepOf({ step, relevance }: StepRelevance): LayerRelevance {
  const { address, layerType } = step;
  return { address, layerType, inputs: [], outputs: [relevance], output: relevance };
}

function ledgerSource(plan: PlannedModel, run: Propagated): LedgerSource | null {
  if (!run.ledger) return null;
  const labels = labelsOf(plan);
  const label = (id: number) => labels.get(id) ?? NO_LABEL;
  return {
    sums: run.ledger.sums,
    outputs: run.ledger.outputs,
    labels: run.ledger.nodes.map(label),
    watched: run.ledger.watched.map(label),
    started: run.seed.relevance,
    arrived: run.inputs,
  };
}

const NO_LABEL: StepLabel = { address: '?', layerType: '?', step: '?', rule: '?' };

/** Made once for each plan. */
const labelsOfPlans = new WeakMap<PlannedModel, ReadonlyMap<number, StepLabel>>();

/** Names of all steps, by node. */
function labelsOf(plan: PlannedModel): ReadonlyMap<number, StepLabel> {
  const known = labelsOfPlans.get(plan);
  if (known) return known;
  const classes = new Map(plan.calls.map(({ call }) => [formatAddress(call.address), call.className]));
  const labels = new Map(
    withPlannedBodies(plan.nodes).map(({ node, rule }): [number, StepLabel] => {
      const { role, ...call } = node.address;
      const layerType = classes.get(formatAddress(call)) ?? '';
      const address = formatAddress(node.address);
      return [node.id, { address, layerType, step: node.step.name, rule: formatRule(rule) }];
    }),
  );
  labelsOfPlans.set(plan, labels);
  return labels;
}

function at<T>(list: readonly T[], index: number): T {
  const value = list[index];
  if (value === undefined) throw new RangeError(`internal: nothing at position ${index} of ${list.length}`);
  return value;
}
