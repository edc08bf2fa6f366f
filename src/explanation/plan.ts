import type { LayersModel } from '@tensorflow/tfjs-layers';
import { formatAddress } from '../address.js';
import { DisposedError, InternalError, MatchError, TargetError } from '../errors.js';
import { defaultRegistry } from '../layers/default-registry.js';
import { approximated } from '../plan/approximate.js';
import type { RulesInput } from '../plan/parse-rules.js';
import { withPlannedBodies } from '../plan/plan-graph.js';
import { type PlannedModel, planModel } from '../plan/plan-model.js';
import type { PlanOptions } from '../plan/plan-options.js';
import type { PlanRow } from '../plan/rows.js';
import { propagateInParts } from '../propagate/in-parts.js';
import type { Input } from '../propagate/inputs.js';
import type { Propagated, PropagateOptions } from '../propagate/run.js';
import type { Target } from '../propagate/target.js';
import type { Rule } from '../rules/rule.js';
import { checkOptions } from './check-options.js';
import { type CostOptions, costLine, costOf, type PlanCost } from './cost.js';
import { type Drive, driveAsync, driveSync } from './drive.js';
import { type Explanation, explanationOf, type Tidiable } from './explanation.js';
import { type PlanSummary, summaryOf } from './plan-summary.js';
import { compareWithModel, type LayerCheck } from './verify.js';

/** Options of an asynchronous explanation. */
export interface AsyncOptions extends PropagateOptions, Drive {
  /** Read the ledger at the end and reject with a NumericsError where NaN or infinity appeared. Default false. */
  readonly check?: boolean;
}

/** Options of one run for several targets. */
export type TargetsOptions = Omit<PropagateOptions, 'target'>;

/** A difference between two plans: a row of either that the other lacks or has otherwise. */
export interface PlanDifference {
  /** Address of the step. */
  readonly address: string;
  /** Name of the step. */
  readonly step: string;
  /** Rule here, or null when there is no such step. */
  readonly rule: string | null;
  /** Rule in the other plan, or null when there is no such step. */
  readonly otherRule: string | null;
}

/** Rules by address and step, the keys of rows. */
function rulesByPlace({ nodes }: PlannedModel): Map<string, Rule> {
  return new Map(
    withPlannedBodies(nodes).map(({ node, rule }) => [`${formatAddress(node.address)} ${node.step.name}`, rule]),
  );
}

/** Printed rules are not enough: long bounds are printed as their number of values. */
function sameRule(a: Rule | undefined, b: Rule | undefined): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

/**
 * How a model is explained, decided once and used for many inputs. It keeps the kernels it derived until it is disposed,
 * and makes them anew when the model's weights have changed.
 */
export class Plan {
  /** Name of the model. */
  readonly model: string;
  /** Name of the composite. */
  readonly rules: string;
  /** One row per step: address, layer, step, rule, why, notes. */
  readonly rows: readonly PlanRow[];
  /** Trouble the field knows of, for the plan as a whole. */
  readonly warnings: readonly string[];
  private readonly planned: PlannedModel;
  private disposed = false;

  /** Use {@link plan} instead. */
  constructor(
    private readonly source: LayersModel,
    rules: RulesInput | undefined,
    private readonly options: PlanOptions,
  ) {
    this.planned = planModel(source, rules, options);
    this.model = this.planned.modelName;
    this.rules = this.planned.composite.name;
    this.rows = this.planned.rows;
    this.warnings = this.planned.warnings;
  }

  /**
   * Explains an input (or batch). Synchronous, as `model.predict` is. The result is the caller's to dispose.
   *
   * @throws InputError, TargetError, MatchError, DisposedError.
   */
  explain(input: Input, options: PropagateOptions = {}): Explanation & Tidiable {
    checkOptions('explain', options);
    return only(this.finish(driveSync(this.start(input, [options.target], options)), options));
  }

  /**
   * Explains several targets of one input (or batch) at once: the way forward, and all else that does not depend on the
   * target, is gone once. Results are the same as one by one.
   *
   * @param targets As the option `target` of {@link Plan.explain}, one explanation each: `[3, 5]` explains classes 3 and 5
   *   of every sample.
   * @returns One explanation per target, each the caller's to dispose.
   * @throws InputError, TargetError, MatchError, DisposedError.
   */
  explainTargets(input: Input, targets: readonly Target[], options: TargetsOptions = {}): (Explanation & Tidiable)[] {
    checkOptions('explainTargets', options);
    return this.finish(driveSync(this.start(input, targets, options)), options);
  }

  /**
   * As {@link Plan.explainTargets}; gives way to the event loop between steps.
   *
   * @throws AbortError when the signal fires or the time budget runs out; nothing is left behind.
   */
  async explainTargetsAsync(
    input: Input,
    targets: readonly Target[],
    options: TargetsOptions & Drive = {},
  ): Promise<Explanation[]> {
    checkOptions('explainTargetsAsync', options);
    return this.finish(await driveAsync(this.start(input, targets, options), options), options);
  }

  /**
   * As {@link Plan.explain}, with the same result; gives way to the event loop between steps.
   *
   * @throws AbortError when the signal fires or the time budget runs out; nothing is left behind. MatchError for
   *   `check: true` with `ledger: false`.
   */
  async explainAsync(input: Input, options: AsyncOptions = {}): Promise<Explanation> {
    checkOptions('explainAsync', options);
    if (options.check && options.ledger === false) {
      throw new MatchError('{check: true} reads the ledger, which {ledger: false} leaves out. Give one of the two.');
    }
    const explanation = only(
      this.finish(await driveAsync(this.start(input, [options.target], options), options), options),
    );
    if (!options.check) return explanation;
    try {
      await explanation.conservation();
      return explanation;
    } catch (error) {
      explanation.dispose();
      throw error;
    }
  }

  /**
   * Compares the steps with the model itself on an input: the largest difference at each layer call, relative to the
   * largest value there. For adapters of one's own.
   */
  async check(input: Input): Promise<LayerCheck[]> {
    this.assertAlive();
    const { registry, approximate } = this.options;
    return compareWithModel(this.source, approximated(registry ?? defaultRegistry, approximate).registry, input);
  }

  /** The rows in which another plan of the same model differs. */
  compare(other: Plan): PlanDifference[] {
    const key = (row: PlanRow) => `${row.address} ${row.step}`;
    const own = new Map(this.rows.map((row) => [key(row), row]));
    const others = new Map(other.rows.map((row) => [key(row), row]));
    const [ownRules, otherRules] = [rulesByPlace(this.planned), rulesByPlace(other.planned)];
    return [...new Set([...own.keys(), ...others.keys()])].flatMap((place) => {
      const here = own.get(place);
      const there = others.get(place);
      const row = here ?? there;
      const same = here?.rule === there?.rule && sameRule(ownRules.get(place), otherRules.get(place));
      if (!row || same) return [];
      return { address: row.address, step: row.step, rule: here?.rule ?? null, otherRule: there?.rule ?? null };
    });
  }

  /**
   * What an explanation will cost: multiply-adds per step and in total, bytes kept and at most. From shapes; nothing runs.
   *
   * @throws InputError when the model leaves sizes open and `inputShapes` does not give them.
   */
  cost(options: CostOptions = {}): PlanCost {
    return costOf(this.planned, options);
  }

  /** Bytes of the kernels kept, and how many have been derived so far. */
  get derived(): { readonly bytes: number; readonly made: number } {
    return { bytes: this.planned.derived.bytes, made: this.planned.derived.made };
  }

  /** What can be read of this plan as plain data; it outlives the plan. */
  get summary(): PlanSummary {
    return summaryOf(this.planned);
  }

  /** The table, and what an explanation of one sample costs, where the model states all sizes. */
  toString(): string {
    const open = this.planned.inputs.some((port) => port.shape.slice(1).includes(null));
    return [`${this.summary}`, ...(open ? [] : [costLine(this.cost())])].join('\n');
  }

  /** True after {@link Plan.dispose}. */
  get isDisposed(): boolean {
    return this.disposed;
  }

  /** Ends the kernels this plan keeps; the model's weights stay as they are. May be called twice. */
  dispose(): void {
    this.disposed = true;
    this.planned.derived.dispose();
  }

  private start(input: Input, targets: readonly (Target | undefined)[], options: TargetsOptions) {
    this.assertAlive();
    if (!Array.isArray(targets) || targets.length === 0) {
      throw new TargetError('There are no targets. Expected a list of them, such as explainTargets(input, [3, 5]).');
    }
    return propagateInParts(this.planned, input, targets, options);
  }

  private finish(runs: readonly Propagated[], options: TargetsOptions): (Explanation & Tidiable)[] {
    return runs.map((run) => explanationOf(this.planned, run, options.start));
  }

  private assertAlive(): void {
    if (this.disposed) {
      throw new DisposedError(`The plan of "${this.model}" has been disposed. Make a new one with plan(model, rules).`);
    }
  }
}

function only<T>([first]: readonly T[]): T {
  if (first === undefined) throw new InternalError('one target has one explanation');
  return first;
}
