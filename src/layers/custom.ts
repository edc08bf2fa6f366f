import type * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Layer } from '../graph/call.js';
import { elementwise } from '../steps/elementwise.js';
import { opaqueStep, runLayer } from '../steps/opaque.js';
import type { ElementwiseStep } from '../steps/step.js';
import type { LayerAdapter } from './adapter.js';
import { onlyInput } from './config.js';

/** What {@link elementwiseAdapter} may be told of the function; see {@link ElementwiseStep}. */
export type ElementwiseOptions = Partial<Omit<ElementwiseStep, 'kind' | 'apply'>>;

/**
 * Adapter of a layer of one's own that computes `y_i = f(x_i)`, such as an activation: the layer itself is run, and rules
 * treat it as they treat any activation (by default relevance passes).
 *
 * @param options What is known of the function; `name` is printed in the plan, by default the class name.
 */
export function elementwiseAdapter(options: ElementwiseOptions = {}): LayerAdapter {
  const { name, ...facts } = options;
  return (call, to) => {
    const apply = (x: tf.Tensor) => runLayer(call.layer, [x]);
    to.output(to.add(elementwise(name ?? call.className, apply, facts), [onlyInput(call, to.inputs)]));
  };
}

/**
 * Adapter of a layer of one's own that runs another layer, or a model, on its inputs: that one is lowered in its place, by
 * the adapters of its own layers.
 *
 * @param inner Answers the layer or model that a layer holds: `subModelAdapter<Block>((layer) => layer.body)`.
 */
export function subModelAdapter<T extends Layer = Layer>(inner: (layer: T) => Layer | LayersModel): LayerAdapter {
  return (call, to) => {
    // The adapter is registered for layers of this class.
    const body = inner(call.layer as T);
    to.output(...to.apply(body, to.inputs, { inputShapes: call.inputShapes }));
  };
}

/**
 * Adapter of a layer nobody described: gradient × input with the normalization of LRP-ε, by automatic differentiation. What
 * `approximate: {MyLayer: 'gradient'}` stands for.
 */
export const gradientAdapter: LayerAdapter = (call, to) => {
  const mask = to.handedMask;
  const inputs = mask === null ? to.inputs : [...to.inputs, mask];
  const outputs = call.outputShapes.map((_, output) => {
    const role = call.outputShapes.length === 1 ? undefined : `output_${output}`;
    return to.add(opaqueStep(call.layer, { output, masked: mask !== null }), inputs, role);
  });
  to.output(...outputs);
};
