import type { PlannedModel } from '../plan/plan-model.js';
import { formatRows, type PlanRow } from '../plan/rows.js';

/** What can be read of a plan: it holds no tensors and outlives the plan. */
export interface PlanSummary {
  /** Name of the model. */
  readonly model: string;
  /** Name of the composite. */
  readonly rules: string;
  /** One row per step. */
  readonly rows: readonly PlanRow[];
  /** Trouble the field knows of, for the plan as a whole. */
  readonly warnings: readonly string[];
  /** The table. */
  toString(): string;
}

/** The readable part of a planned model. */
export function summaryOf({ modelName, composite, chosen, rows, warnings }: PlannedModel): PlanSummary {
  const heading = `Plan of "${modelName}" with ${composite.name}${chosen ? ` (${chosen})` : ''}`;
  return {
    model: modelName,
    rules: composite.name,
    rows,
    warnings,
    toString: () => [heading, formatRows(rows), ...warnings.map((warning) => `Warning: ${warning}`)].join('\n'),
  };
}
