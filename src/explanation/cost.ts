import { InputError } from '../errors.js';
import { type StepCost, stepCosts } from '../plan/cost.js';
import type { PlannedModel } from '../plan/plan-model.js';
import { shapesOf } from '../plan/shapes.js';
import { type Keep, wantedOf } from '../propagate/keep.js';
import { memoryOf } from '../propagate/memory.js';
import { formatShape, sizeOf } from '../tensors/shape.js';
import { textTable } from '../text-table.js';

/** Options of {@link Plan.cost}. */
export interface CostOptions {
  /** Samples explained at once. Default 1. */
  readonly batch?: number;
  /** What the result keeps. Default `layers`. */
  readonly keep?: Keep;
  /** Shapes of the inputs without the batch, in the order of the model, where the model leaves sizes open. */
  readonly inputShapes?: readonly (readonly number[])[];
}

/** What an explanation will cost, worked out from shapes; nothing runs. */
export interface PlanCost {
  /** Samples explained at once. */
  readonly batch: number;
  /** Multiply-adds of convolutions, matrix products and attention in one prediction. */
  readonly predict: number;
  /** The same for one explanation, the prediction included. */
  readonly explain: number;
  /** `explain / predict`; 1 for a model without such products. */
  readonly operations: number;
  /** Bytes of the model's weights. */
  readonly weightBytes: number;
  /** Bytes of the activations kept for the way back. */
  readonly capturedBytes: number;
  /** Bytes of the relevances in the result. */
  readonly keptBytes: number;
  /** Estimate of the most that is alive at a time, weights included, kernels derived from them left aside. */
  readonly peakBytes: number;
  /** The steps that multiply, in the order of the model. */
  readonly steps: readonly StepCost[];
  /** The steps as a table, then the totals. */
  toString(): string;
}

/**
 * @throws InputError when sizes are open and not given, or given shapes do not fit the model.
 */
export function costOf(plan: PlannedModel, options: CostOptions = {}): PlanCost {
  const batch = options.batch ?? 1;
  if (!Number.isInteger(batch) || batch < 1) {
    throw new InputError(`A batch of ${String(batch)} has no cost. Expected a whole number from 1.`);
  }
  const inputs = plan.inputs.map((port, index) => {
    const given = options.inputShapes?.[index] ?? port.shape.slice(1);
    const fits =
      given.length === port.shape.length - 1 &&
      given.every((size, axis) => size !== null && (port.shape[axis + 1] ?? size) === size);
    if (!fits) {
      throw new InputError(
        `The cost depends on the shape of input "${port.name}", ${formatShape(port.shape)}; received ${formatShape(given)}. ` +
          'Give {inputShapes: [[...]]} without the batch.',
      );
    }
    return [batch, ...given.map((size) => size ?? 1)];
  });
  const shapes = shapesOf(plan.graph, inputs, options.inputShapes ? new Map() : plan.stated, batch);
  const steps = stepCosts(plan.nodes, shapes);
  const { wanted } = wantedOf(plan, options.keep ?? 'layers');
  const memory = memoryOf(plan, shapes, wanted, true);
  const weightBytes = plan.weightShapes.reduce((sum, shape) => sum + 4 * sizeOf(shape), 0);
  const predict = steps.reduce((sum, step) => sum + (step.multiplyAdds ?? 0), 0);
  const explain = steps.reduce((sum, step) => sum + (step.multiplyAdds ?? 0) * (1 + step.forward + step.adjoint), 0);
  const cost = {
    batch,
    predict,
    explain,
    operations: predict === 0 ? 1 : explain / predict,
    weightBytes,
    capturedBytes: memory.captured,
    keptBytes: memory.kept,
    peakBytes: weightBytes + memory.peak,
    steps,
  };
  return { ...cost, toString: () => printed(cost) };
}

function printed({ steps, ...cost }: Omit<PlanCost, 'toString'>): string {
  const rows = steps.map((step) => [
    step.address,
    step.step,
    step.rule,
    step.multiplyAdds === null ? '?' : short(step.multiplyAdds),
    String(step.forward),
    String(step.adjoint),
  ]);
  return [textTable([['address', 'step', 'rule', 'multiply-adds', 'sums', 'back'], ...rows]), costLine(cost)].join(
    '\n',
  );
}

/** `Cost (batch 1): 3.02 predictions, 1.71 G multiply-adds; ...` */
export function costLine(cost: Omit<PlanCost, 'toString' | 'steps'>): string {
  return (
    `Cost (batch ${cost.batch}): ${cost.operations.toFixed(2)} predictions, ${short(cost.explain)} multiply-adds; ` +
    `bytes: ${short(cost.weightBytes)} weights, ${short(cost.capturedBytes)} kept for the way back, ` +
    `${short(cost.keptBytes)} in the result, about ${short(cost.peakBytes)} at most`
  );
}

const UNITS = ['', ' k', ' M', ' G', ' T'];

/** `15.5 G` */
function short(count: number): string {
  const power = count < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(count) / 3));
  const value = count / 1000 ** power;
  return `${value >= 100 || power === 0 ? Math.round(value) : value.toPrecision(3)}${UNITS[power]}`;
}
