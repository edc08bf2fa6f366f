import type { PlanCall } from '../plan/plan-calls.js';
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
  /** The layer calls and what feeds them, in the order of the model. */
  readonly calls: readonly PlanCall[];
  /** Short hash over the rows: equal for the same architecture under the same rules. */
  readonly fingerprint: string;
  /** The table. */
  toString(): string;
}

/** Made once for each plan: every explanation made with it has the same. */
const summaries = new WeakMap<PlannedModel, PlanSummary>();

/** The readable part of a planned model. */
export function summaryOf(plan: PlannedModel): PlanSummary {
  const known = summaries.get(plan);
  if (known) return known;
  const { modelName, composite, chosen, rows, warnings, graphOfCalls } = plan;
  const calls = graphOfCalls;
  const summary = printable({ model: modelName, rules: composite.name, chosen, rows, warnings, calls });
  summaries.set(plan, summary);
  return summary;
}

/** Plain data of a plan with its table. */
export function printable(plan: Omit<PlanSummary, 'toString' | 'fingerprint'>): PlanSummary {
  const { model, rules, chosen, rows, warnings, calls } = plan;
  const heading = `Plan of "${model}" with ${rules}${chosen ? ` (${chosen})` : ''}`;
  return {
    model,
    rules,
    chosen,
    rows,
    warnings,
    calls,
    fingerprint: fingerprint(rows),
    toString: () => [heading, formatRows(rows), ...warnings.map((warning) => `Warning: ${warning}`)].join('\n'),
  };
}

/** FNV-1a over the text of the rows. */
function fingerprint(rows: readonly PlanRow[]): string {
  let hash = 0x811c9dc5;
  for (const char of JSON.stringify(rows)) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
