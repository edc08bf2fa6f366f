/**
 * Explain the predictions of any TensorFlow.js `LayersModel` by layer-wise relevance propagation.
 *
 * Start with {@link explain}, or with {@link plan} for many inputs. Rules are values made by functions ({@link epsilon},
 * {@link gamma}, {@link zPlus} ...); composites say which layer takes which.
 *
 * @packageDocumentation
 */

// Names and errors.
export { type Address, formatAddress, parseAddress } from './address.js';
export type { CanonizeOptions } from './canonize/canonize.js';
export type { FoldMode } from './canonize/fold-batch-norm.js';
// Composites.
export { type AttentionPresetOptions, attnLrp, cpLrp } from './composites/attention.js';
export {
  type Composite,
  type CompositeEntry,
  type CompositeRemark,
  combine,
  composite,
  type Match,
  type ModelView,
  type Where,
} from './composites/composite.js';
export {
  type BoundedDeepTaylorOptions,
  boundedDeepTaylor,
  type DeepTaylorOptions,
  deepTaylor,
} from './composites/deep-taylor.js';
export { epsilonEverywhere, type PresetOptions } from './composites/epsilon.js';
export { epsilonAlpha2Beta1, epsilonAlpha2Beta1Flat } from './composites/epsilon-alpha2-beta1.js';
export {
  type EpsilonGammaBoxOptions,
  type EpsilonGammaOptions,
  epsilonGamma,
  epsilonGammaBox,
} from './composites/epsilon-gamma-box.js';
export { epsilonPlus, epsilonPlusFlat } from './composites/epsilon-plus.js';
export { excitationBackprop } from './composites/excitation-backprop.js';
export { CONVOLUTIONS } from './composites/families.js';
export { type InnvestigateOptions, presetA, presetAFlat, presetB, presetBFlat } from './composites/innvestigate.js';
export { type PresetName, preset, presetNames } from './composites/presets.js';
export { recurrent } from './composites/recurrent.js';
// Many inputs.
export { explainDataset } from './dataset/explain-dataset.js';
export { type Answer, type DatasetWork, goThrough, type HeldItem } from './dataset/go-through.js';
export { ItemError } from './dataset/item-error.js';
export type { ItemInput, ItemRelevance } from './dataset/item-relevance.js';
export type {
  DatasetAnswer,
  DatasetBatch,
  DatasetDrive,
  DatasetOptions,
  DatasetProgress,
  FailedItem,
  ItemResult,
  ReadBatch,
} from './dataset/options.js';
export type { DatasetSource, LazyDataset, LazyItems } from './dataset/source.js';
export {
  AbortError,
  DisposedError,
  type ErrorCode,
  type ErrorPlace,
  InputError,
  InternalError,
  LrpError,
  MatchError,
  NumericsError,
  PlanError,
  type PlanProblem,
  RuleError,
  TargetError,
} from './errors.js';
// The main job.
export {
  type ExplainAsyncOptions,
  type ExplainOptions,
  type ExplainTargetsOptions,
  explain,
  explainAsync,
  explainTargets,
  plan,
} from './explain.js';
export type { LedgerSource, StepLabel } from './explanation/conservation.js';
export type { CostOptions, PlanCost } from './explanation/cost.js';
export type { Drive } from './explanation/drive.js';
export type {
  ExplainedTarget,
  Explanation,
  InputRelevance,
  LayerRelevance,
  OutputValue,
  Tidiable,
} from './explanation/explanation.js';
export type { Ledger, LedgerRow, LedgerSums } from './explanation/ledger.js';
export { type AsyncOptions, Plan, type PlanDifference, type TargetsOptions } from './explanation/plan.js';
export type { PlanSummary } from './explanation/plan-summary.js';
export { type ExplanationRecord, fromJSON, type TensorRecord } from './explanation/record.js';
export { type TokenOptions, type TokenScore, tokenRelevance } from './explanation/tokens.js';
export type { LayerCheck } from './explanation/verify.js';
export type { Layer, LayerCall, WeightPool } from './graph/call.js';
export type { Padding } from './kernels/conv-geometry.js';
export type { TransposedConvOptions } from './kernels/transposed-conv-op.js';
export type { WindowGeometry } from './kernels/window.js';
// Layers of one's own: adapters, and the steps to build them from.
export type {
  ApplyOptions,
  BodyAnswer,
  BodyBuilder,
  LayerAdapter,
  LayerClass,
  ScanBody,
  ScanOptions,
  StepBuilder,
} from './layers/adapter.js';
export { type ElementwiseOptions, elementwiseAdapter, gradientAdapter, subModelAdapter } from './layers/custom.js';
export { defaultRegistry } from './layers/default-registry.js';
export type { Registry, RegistryMatch } from './layers/registry.js';
export type { Approximations } from './plan/approximate.js';
export type { StepCost } from './plan/cost.js';
export type { RulesInput } from './plan/parse-rules.js';
export type { CallSource, PlanCall } from './plan/plan-calls.js';
export type { PlanOptions } from './plan/plan-options.js';
export type { PlanRow } from './plan/rows.js';
export type { Counted, HeldPart, HeldSums, Scales } from './propagate/held-sums.js';
export type { Input } from './propagate/inputs.js';
export type { Keep } from './propagate/keep.js';
export type { Progress, PropagateOptions } from './propagate/run.js';
export {
  type Contrast,
  contrast,
  type PlacedTarget,
  type StartValue,
  type Target,
  type UnitIndex,
  type UnitTarget,
} from './propagate/target.js';
// Rules.
export { alphaBeta, zPlus } from './rules/alpha-beta.js';
export { type EpsilonOptions, epsilon, zero } from './rules/epsilon.js';
export { flat } from './rules/flat.js';
export { type FlowRuleOptions, flowRule } from './rules/flow-rule.js';
export { type GammaClassicOptions, gamma, gammaClassic } from './rules/gamma.js';
export { gradientTimesInput } from './rules/gradient.js';
export { layerNorm } from './rules/layer-norm.js';
export { type LinearRuleOptions, linearRule } from './rules/linear-rule.js';
export { norm } from './rules/norm.js';
export { derivative, move, pass, stop } from './rules/pass.js';
export {
  halfSplit,
  type ProductOptions,
  proportionalSplit,
  type SignalOptions,
  signalTakeAll,
  uniformSplit,
} from './rules/product.js';
export {
  type BiasMode,
  type BiasPart,
  type Bound,
  type Flow,
  type FlowRule,
  formatRule,
  type InputPart,
  type KernelPart,
  type LinearRule,
  type Loss,
  type Needs,
  type NestedNumbers,
  type Rule,
  type RuleParams,
  type Share,
  type Signed,
  type Term,
} from './rules/rule.js';
export { proportional, winnerTakeAll } from './rules/select.js';
export { softmaxTaylor } from './rules/softmax-taylor.js';
export { wSquare } from './rules/w-square.js';
export { type ZBoxOptions, zBox } from './rules/z-box.js';
export { type ActivationName, activationStep, leakyReluStep, preluStep, softmaxStep } from './steps/activations.js';
export { elementwise } from './steps/elementwise.js';
export type { EdgeId, StepGraph, StepNode } from './steps/graph.js';
export {
  addStep,
  averagePoolStep,
  averageStep,
  type ConvStepOptions,
  convStep,
  denseStep,
  depthwiseStep,
  globalAverageStep,
  rescaleStep,
  scaleStep,
  transposedConvStep,
} from './steps/linear.js';
export { type FixedMap, fixedMap, type LinearMap } from './steps/linear-map.js';
export { type MatMulOptions, matMulStep } from './steps/matmul.js';
export { layerNormStep, rmsNormStep } from './steps/normalize.js';
export { dotStep, multiplyStep } from './steps/product.js';
export {
  concatStep,
  cropStep,
  flattenStep,
  type Margin,
  padStep,
  permuteStep,
  repeatStep,
  reshapeStep,
} from './steps/relabel.js';
export { embeddingStep, globalMaxStep, maskStep, maximumStep, maxPoolStep, minimumStep } from './steps/select.js';
export type {
  BilinearStep,
  CarriedState,
  ElementwiseStep,
  LinearStep,
  NormalizeStep,
  OpaqueStep,
  ReadWeight,
  RelabelStep,
  ScanStep,
  SelectStep,
  Sign,
  SoftmaxStep,
  Step,
  StepKind,
} from './steps/step.js';
export type { Shape, SymbolicShape } from './tensors/shape.js';
export type { Stabilizer } from './tensors/stabilize.js';
export { derivedWeight, type Weight } from './tensors/weight.js';
export { version } from './version.js';
