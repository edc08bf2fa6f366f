import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { defaultRegistry, plan, type Registry } from '../../src/index.js';
import { apply } from './models.js';

class Scale extends tfl.layers.Layer {
  static readonly className: string = 'Scale';
  override computeOutputShape(shape: tfl.Shape): tfl.Shape {
    return shape;
  }
}

function chain(...layers: tfl.layers.Layer[]): tfl.LayersModel {
  const input = tfl.input({ shape: [3], name: 'input' });
  return tfl.model({ inputs: input, outputs: layers.reduce((x, layer) => apply(layer, x), input), name: 'chain' });
}

/** The step of every layer but the input. */
function stepsOf(registry: Registry, ...layers: tfl.layers.Layer[]): string[] {
  return plan(chain(...layers), {}, { registry })
    .rows.slice(1)
    .map((row) => row.step);
}

const scale = () => new Scale({ name: 'scale' });

test('a layer that bears the name of another class is still what its class says', () => {
  // A convolutional network's `name: 'ReLU'` on an activation of six must not make it a plain one.
  const layer = tfl.layers.activation({ activation: 'relu6', name: 'ReLU' });
  expect(stepsOf(defaultRegistry, layer)).toEqual(['relu6']);
  expect(stepsOf(defaultRegistry, tfl.layers.dense({ units: 2, name: 'Activation' }))).toEqual(['dense']);
});

describe('adapters that do not keep their promise', () => {
  test('no output, too many outputs', () => {
    const silent = defaultRegistry.with(Scale, () => {});
    expect(() => plan(chain(scale()), {}, { registry: silent })).toThrowErrorMatchingInlineSnapshot(`
      [PlanError: The model cannot be explained as asked (1 problem):
        1. The adapter of layer "scale" (class Scale) at scale named 0 outputs, the layer has 1. Call to.output(...) once with one edge per output.]
    `);
    const loud = defaultRegistry.with(Scale, (_call, to) => to.output(...to.inputs, ...to.inputs));
    expect(() => plan(chain(scale()), {}, { registry: loud })).toThrow('named 2 outputs');
  });

  test('an error that is a bug goes up as it is', () => {
    const broken = defaultRegistry.with(Scale, () => {
      throw new TypeError('oops');
    });
    expect(() => plan(chain(scale()), {}, { registry: broken })).toThrow(TypeError);
  });

  test('a weight that is not there is named', () => {
    const registry = defaultRegistry.with(Scale, (call, to) => {
      call.weight('kernel');
      to.output(...to.inputs);
    });
    expect(() => plan(chain(scale()), {}, { registry })).toThrow('has no weight "kernel"');
  });
});
