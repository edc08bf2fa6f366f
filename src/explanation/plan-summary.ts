import type { PlannedModel } from '../plan/plan-model.js';
import { formatRows, type PlanRow } from '../plan/rows.js';

/** What can be read of a plan: it holds no tensors and outlives the plan. */
export interface PlanSummary {
  /** Name of the model. */
  readonly model: string;
  /** Name of the composite. */
  readonly rules: string;
  /** Why these rules, when the user named none. */
  readonly chosen: string | null;
  /** One row per step. */
  readonly rows: readonly PlanRow[];
  /** Trouble the field knows of, for the plan as a whole. */
  readonly warnings: readonly string[];
  /** The table. */
  toString(): string;
}

/** The readable part of a planned model. */
export function summaryOf({ modelName, composite, chosen, rows, warnings }: PlannedModel): PlanSummary {
  return printable({ model: modelName, rules: composite.name, chosen, rows, warnings });
}

/** Plain data of a plan with its table. */
export function printable({ model, rules, chosen, rows, warnings }: Omit<PlanSummary, 'toString'>): PlanSummary {
  const heading = `Plan of "${model}" with ${rules}${chosen ? ` (${chosen})` : ''}`;
  return {
    model,
    rules,
    chosen,
    rows,
    warnings,
    toString: () => [heading, formatRows(rows), ...warnings.map((warning) => `Warning: ${warning}`)].join('\n'),
  };
}
