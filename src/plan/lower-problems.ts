import { formatAddress } from '../address.js';
import type { PlanProblem } from '../errors.js';
import type { Layer, LayerCall } from '../graph/call.js';
import type { Registry } from '../layers/registry.js';
import { nearestNames } from '../names.js';
import { formatShape } from '../tensors/shape.js';

/** No adapter is known; the line to type, and the nearest class that is. */
export function unknownLayer(call: LayerCall, registry: Registry): PlanProblem {
  const address = formatAddress(call.address);
  const nearest = nearestNames(call.className, registry.classNames, 1)[0];
  const shapes = call.outputShapes.map(formatShape).join(', ');
  const message =
    `No adapter for layer "${call.layer.name}" (class ${call.className}, output ${shapes}) at ${address}. ` +
    `Nearest known class: ${nearest}. Pass { registry: defaultRegistry.with(${constructorName(call.layer)}, adapter) }, or ` +
    `{ approximate: { ${call.className}: 'gradient' } }.`;
  return { address, layerType: call.className, message };
}

/** An adapter named more or fewer outputs than its layer has. */
export function wrongOutputs(call: LayerCall, count: number): PlanProblem {
  const address = formatAddress(call.address);
  const message =
    `The adapter of layer "${call.layer.name}" (class ${call.className}) at ${address} named ${count} outputs, the layer ` +
    `has ${call.outputShapes.length}. Call to.output(...) once with one edge per output.`;
  return { address, layerType: call.className, message };
}

function constructorName(layer: Layer): string {
  return layer.constructor.name || `'${layer.getClassName()}'`;
}
