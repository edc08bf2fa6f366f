import type { Layer, LayerCall } from '../graph/call.js';
import type { EdgeId } from '../steps/graph.js';
import { addStep } from '../steps/linear.js';
import type { LayerAdapter } from './adapter.js';
import { booleanOf, cannotLower, onlyInput } from './config.js';

/**
 * TransformerDecoder: self-attention and a feed-forward block, each with a residual sum (role `residual`) and layer
 * normalization before (`normalizeFirst`) or after. As in tfjs both blocks share the first block's normalization, and
 * attention is causal only where the call says `useCausalMask: true`.
 *
 * Roles: `attention.…`, `attention_norm`, `attention_residual`, `feed_forward_1`, `feed_forward_2`,
 * `feed_forward_norm`, `feed_forward_residual`.
 */
export const transformerDecoderAdapter: LayerAdapter = (call, to) => {
  refuseArguments(call);
  const input = onlyInput(call, to.inputs);
  const shape = call.inputShapes[0] ?? [];
  const first = booleanOf(call, 'normalizeFirst', false);
  const run = (field: string, edge: EdgeId, role: string, inputShape = shape): EdgeId =>
    to.apply(innerLayer(call, field), [edge], { role, inputShapes: [inputShape] })[0] ?? edge;
  const norm = (edge: EdgeId, role: string) => run('selfAttentionLayernorm', edge, role);
  /** Normalization, a block, the residual sum, in the order the layer asks for. */
  const residual = (edge: EdgeId, role: string, block: (edge: EdgeId) => EdgeId): EdgeId => {
    const inside = block(first ? norm(edge, `${role}_norm`) : edge);
    const sum = to.add(addStep(), [inside, edge], `${role}_residual`);
    return first ? sum : norm(sum, `${role}_norm`);
  };
  const attended = residual(input, 'attention', (edge) => attend(call, to, edge));
  const hidden = [...shape.slice(0, -1), unitsOf(call)];
  to.output(
    residual(attended, 'feed_forward', (edge) =>
      run(
        'feedforwardOutputDense',
        run('feedforwardIntermediateDense', edge, 'feed_forward_1'),
        'feed_forward_2',
        hidden,
      ),
    ),
  );
};

function attend(call: LayerCall, to: Parameters<LayerAdapter>[1], edge: EdgeId): EdgeId {
  const shape = call.inputShapes[0] ?? [];
  const masks = { paddingMask: to.argument('decoderPaddingMask'), attentionMask: to.argument('decoderAttentionMask') };
  const given = Object.entries(masks).filter((entry): entry is [string, EdgeId] => entry[1] !== null);
  const [attended = edge] = to.apply(innerLayer(call, 'selfAttentionLayer'), [edge, edge], {
    role: 'attention',
    inputShapes: [shape, shape],
    callArgs: { useCausalMask: call.callArgs.useCausalMask === true },
    argumentEdges: Object.fromEntries(given),
  });
  return attended;
}

/** What tfjs does not know either, or what belongs to generating text token by token. */
function refuseArguments(call: LayerCall): void {
  const { callArgs } = call;
  if (callArgs.encoderSequence != null) {
    throw cannotLower(
      call,
      'it is called with an encoderSequence, and tfjs 4.22 has no cross-attention in this layer.',
    );
  }
  if (callArgs.selfAttentionCache != null || callArgs.crossAttentionCache != null) {
    throw cannotLower(call, 'it is called with a cache of keys and values. Explain the whole sequence without one.');
  }
  for (const name of ['decoderPaddingMask', 'decoderAttentionMask']) {
    if (callArgs[name] == null || call.argumentEdges[name] !== undefined) continue;
    throw cannotLower(call, `its ${name} is no tensor of the model. Make it an input of the model.`);
  }
}

function unitsOf(call: LayerCall): number | null {
  const { intermediateDim } = call.config;
  return typeof intermediateDim === 'number' ? intermediateDim : null;
}

/** A layer the decoder holds; it makes them when it is built. */
function innerLayer(call: LayerCall, field: string): Layer {
  // The fields are there at run time but not part of tfjs' public types.
  const layer = Reflect.get(call.layer, field) as Layer | undefined;
  if (layer) return layer;
  throw cannotLower(call, `it has no ${field}. Call it once before planning.`);
}
