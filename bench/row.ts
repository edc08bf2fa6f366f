/** One line of the table: a network explained by one set of rules. Ratios are in units of one `model.predict`. */
export interface Row {
  readonly network: string;
  readonly backend: string;
  readonly rules: string;
  readonly batch: number;
  /** Time of `plan.explain` with a plan used before, ledger on, all layers kept: the defaults. */
  readonly ratioCpu: number;
  readonly ratioWall: number;
  /** Multiply-adds of convolutions and matrix products. */
  readonly operations: number;
  /** Largest sum of the bytes of all tensors, model included, during `plan.explain`. */
  readonly peakBytes: number;
  readonly weightBytes: number;
  /** Outputs of all layers of one forward pass. */
  readonly activationBytes: number;
  readonly planOverPredict: number;
  /** The first `plan.explain`, which derives and packs the kernels it needs. */
  readonly firstCallOverPredict: number;
  /** Time with the ledger over time without it; null where it was not measured. */
  readonly ledgerRatio: number | null;
  /** Median CPU milliseconds. */
  readonly predictMs: number;
  readonly explainMs: number;
}
