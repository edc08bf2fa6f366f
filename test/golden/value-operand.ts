import type { LayersModel, layers, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { parseAddress } from '../../src/index.js';

type Layer = layers.Layer;

/**
 * Which operand of an attention product holds the values: the one that is not attention weights, that is, does not come
 * from a softmax by way of layers without weights.
 */
export function valueOperand(model: LayersModel, address: string): number {
  const { path, layer, call } = parseAddress(address);
  const inputs = layerAt(model, [...path, layer]).getInputAt(call);
  const operands = Array.isArray(inputs) ? inputs : [inputs];
  const values = operands.flatMap((operand, index) => (isAttention(operand) ? [] : [index]));
  const [only] = values;
  if (values.length === 1 && only !== undefined) return only;
  throw new Error(`${address}: ${values.length} of its ${operands.length} operands do not come from a softmax, not 1`);
}

function layerAt(model: LayersModel, [name = '', ...inside]: readonly string[]): Layer {
  const layer = model.getLayer(name.replace(/#\d+$/, ''));
  return inside.length === 0 ? layer : layerAt(layer as LayersModel, inside);
}

function isAttention({ sourceLayer, inputs }: SymbolicTensor): boolean {
  if (sourceLayer.getClassName() === 'Softmax' || sourceLayer.getConfig().activation === 'softmax') return true;
  const [input] = inputs;
  return sourceLayer.weights.length === 0 && inputs.length === 1 && input !== undefined && isAttention(input);
}
