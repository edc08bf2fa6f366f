/** One line of the table: a network explained by one set of rules. Ratios are in units of one `model.predict`. */
export interface Row {
  /** Name of the network, with its width where that is not 1: `MobileNetV1-0.25`. */
  readonly network: string;
  /** `wasm` or `cpu`. */
  readonly backend: string;
  /** Name of the preset. */
  readonly rules: string;
  /** Samples per call. */
  readonly batch: number;
  /** CPU time of `plan.explain` with a plan used before, ledger on, all layers kept: the defaults. */
  readonly ratioCpu: number;
  /** The same by wall time. */
  readonly ratioWall: number;
  /** The same, of every kernel and of what lies between kernels the least time of all runs: without what disturbs them. */
  readonly ratioQuiet: number;
  /** Multiply-adds of one explanation, the prediction included, in units of the prediction: what the plan says it will do. */
  readonly operations: number;
  /** Largest sum of the bytes of all tensors, model included, during `plan.explain`. */
  readonly peakBytes: number;
  /** Bytes of the model's weights. */
  readonly weightBytes: number;
  /** Bytes of the outputs of all layers of one forward pass. */
  readonly activationBytes: number;
  /** CPU time of `plan(model, rules)`. */
  readonly planOverPredict: number;
  /** CPU time of the first `plan.explain`, which derives and packs the kernels it needs. */
  readonly firstCallOverPredict: number;
  /** Time with the ledger over time without it; null where it was not measured. */
  readonly ledgerRatio: number | null;
  /** CPU time of reading the ledger, `explanation.conservation()`; null where it was not measured. */
  readonly readOverPredict: number | null;
  /** Median CPU milliseconds of a prediction. */
  readonly predictMs: number;
  /** Median CPU milliseconds of an explanation. */
  readonly explainMs: number;
}
