import type { Layer, LayerCall } from '../graph/call.js';
import { softmaxStep } from '../steps/activations.js';
import { attentionMaskStep } from '../steps/attention-mask.js';
import type { EdgeId } from '../steps/graph.js';
import { identityStep } from '../steps/identity.js';
import { rescaleStep } from '../steps/linear.js';
import { matMulStep } from '../steps/matmul.js';
import { permuteStep, reshapeStep } from '../steps/relabel.js';
import { type Shape, type SymbolicShape, sizeOf } from '../tensors/shape.js';
import type { LayerAdapter, StepBuilder } from './adapter.js';
import { cannotLower, numberOf, numbersOf } from './config.js';

/**
 * MultiHeadAttention, with itself or with another sequence: `softmax(Q Kᵀ / sqrt(keyDim) + mask) V` for every head, then
 * the projection of all heads. Inputs: query, value and, where it differs from value, key.
 *
 * Roles: `query`, `key`, `value` (projections), `scale`, `scores`, `mask`, `softmax`, `context`, `output`. In the product
 * `context` the values are the signal.
 *
 * @see Vaswani et al. 2017, "Attention is all you need".
 */
export const multiHeadAttentionAdapter: LayerAdapter = (call, to) => {
  const parts = projectionsOf(call);
  const [query = -1, value = -1, given] = to.inputs;
  const [queryShape = [], valueShape = [], keyShape = valueShape] = call.inputShapes;
  const project = (layer: Layer, edge: EdgeId, shape: SymbolicShape, role: string): EdgeId =>
    to.apply(layer, [edge], { role, inputShapes: [shape] })[0] ?? edge;
  // In the order of the inputs: where one tensor is several of them, relevance is told apart by who reads it first.
  const q = project(parts.query, query, queryShape, 'query');
  const source = given === undefined && value === query ? to.add(identityStep, [value], 'source') : value;
  const v = project(parts.value, source, valueShape, 'value');
  const k = project(parts.key, given ?? source, keyShape, 'key');
  const heads = headsOf(call, queryShape);
  const scaled = to.add(rescaleStep(1 / Math.sqrt(numberOf(call, 'keyDim')), 0), [q], 'scale');
  const [left, right] = [heads.apart(to, scaled, 'query'), heads.apart(to, k, 'key')];
  const scores = to.add(matMulStep({ transposeB: true }, 'scores'), [left, right], 'scores');
  const mask = maskFor(call, to, { query, value }, scores, heads.axes.length);
  const weights = to.add(softmaxStep(), mask === null ? [scores] : [scores, mask], 'softmax');
  const values = heads.apart(to, v, 'value');
  const context = to.add(matMulStep({ signal: 1 }, 'context'), [weights, values], 'context');
  to.mask(to.maskOf(query));
  to.output(project(parts.output, heads.together(to, context), [...queryShape, null], 'output'));
};

/** The layers an attention layer holds. They, and their weights, are only there once it has been called. */
function projectionsOf(call: LayerCall): Readonly<Record<'query' | 'key' | 'value' | 'output', Layer>> {
  const take = (field: string): Layer => {
    // The fields are there at run time but not part of tfjs' public types.
    const layer = Reflect.get(call.layer, field) as Layer | undefined;
    if (layer?.built) return layer;
    throw cannotLower(
      call,
      'it has no weights yet: tfjs makes them when the layer is first called. Call layer.call(query, {value}) once with ' +
        'tensors of the right shapes before planning.',
    );
  };
  return {
    query: take('queryDense'),
    key: take('keyDense'),
    value: take('valueDense'),
    output: take('outputDense'),
  };
}

/** How `[batch, ...axes, heads, size]` is turned into matrices `[batch, ...others, heads, positions, size]` and back. */
function headsOf(call: LayerCall, queryShape: SymbolicShape) {
  const rank = queryShape.length + 1;
  const axes = attentionAxesOf(call, rank);
  const others = Array.from({ length: rank - 1 }, (_, axis) => axis).filter((axis) => !axes.includes(axis));
  const order = [...others, ...axes, rank - 1];
  const inverse = order.map((_, axis) => order.indexOf(axis));
  const join = (shape: Shape) => {
    const positions = sizeOf(shape.slice(others.length, rank - 1));
    return [...shape.slice(0, others.length), positions, shape[rank - 1] ?? 1];
  };
  return {
    axes,
    apart: (to: StepBuilder, edge: EdgeId, role: string): EdgeId => {
      const moved = to.add(permuteStep(order), [edge], `${role}.heads`);
      return axes.length === 1 ? moved : to.add(reshapeStep(join), [moved], `${role}.positions`);
    },
    together: (to: StepBuilder, edge: EdgeId): EdgeId => {
      const apart = axes.length === 1 ? edge : to.add(splitPositions(call, queryShape, axes), [edge], 'positions');
      return to.add(permuteStep(inverse), [apart], 'heads');
    },
  };
}

/** Makes several axes of the positions again. */
function splitPositions(call: LayerCall, queryShape: SymbolicShape, axes: readonly number[]) {
  const sizes = axes.map((axis) => queryShape[axis] ?? -1);
  if (sizes.filter((size) => size === -1).length > 1) {
    throw cannotLower(call, 'it attends over several axes of unknown size. Give its model input a full shape.');
  }
  return reshapeStep((shape) => [...shape.slice(0, -2), ...sizes, shape[shape.length - 1] ?? 1]);
}

function attentionAxesOf(call: LayerCall, rank: number): number[] {
  const all = Array.from({ length: rank - 3 }, (_, index) => index + 1);
  const axes = call.config.attentionAxes == null ? all : numbersOf(call, 'attentionAxes', 1);
  if (axes.length > 0 && axes.every((axis) => axis >= 1 && axis < rank - 2)) return axes;
  throw cannotLower(
    call,
    `its attentionAxes are [${axes.join(', ')}]. They must lie between the batch, axis 0, and the features, axis ${rank - 2}.`,
  );
}

/**
 * All masks together, or null: the masks that query and value carry, the call's `attentionMask` and `useCausalMask`. A
 * layer with a cache knows only `attentionMask`, as in tfjs.
 */
function maskFor(
  call: LayerCall,
  to: StepBuilder,
  inputs: { readonly query: EdgeId; readonly value: EdgeId },
  scores: EdgeId,
  axes: number,
): EdgeId | null {
  refuseCache(call);
  const hasCache = 'callAndReturnCache' in call.layer;
  const query = hasCache ? null : to.maskOf(inputs.query);
  const value = to.argument('paddingMask') ?? (hasCache ? null : to.maskOf(inputs.value));
  const pairs = to.argument('attentionMask');
  const causal = call.callArgs.useCausalMask === true;
  const timed = query !== null || value !== null || causal;
  const edges = [query, value, pairs].filter((edge) => edge !== null);
  if (edges.length === 0 && !causal) return null;
  const config = call.config.attentionAxes;
  if (timed && (axes !== 1 || (Array.isArray(config) && config[0] !== 1))) {
    throw cannotLower(call, 'masks of time steps and causal masks need attention over axis 1 alone, as in tfjs.');
  }
  const has = { query: query !== null, value: value !== null, pairs: pairs !== null };
  return to.add(attentionMaskStep({ ...has, causal, axes }), [scores, ...edges], 'mask');
}

function refuseCache(call: LayerCall): void {
  const { cache, attentionMask } = call.callArgs;
  if (cache != null) {
    throw cannotLower(call, 'it is called with a cache of keys and values. Explain the whole sequence without one.');
  }
  if (attentionMask == null || call.argumentEdges.attentionMask !== undefined) return;
  throw cannotLower(call, 'its attentionMask is no tensor of the model. Make it an input of the model.');
}
