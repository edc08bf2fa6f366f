// A grid says what its numbers are, as far as its cells agree.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, test } from 'vitest';
import { explain } from '../../src/index.js';
import { heatmapGrid, perLayer, perSample } from '../../src/render/index.js';

const { layers } = tfl;

test('cells of samples and layers bring the unit along, pooling included', async () => {
  const model = tfl.sequential({
    layers: [
      layers.conv2d({ filters: 2, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [6, 6, 1] }),
      layers.flatten(),
      layers.dense({ units: 2 }),
    ],
  });
  const x = tf.randomUniform([2, 6, 6, 1], 0, 1, 'float32', 3);
  const explanation = explain(model, x, 'epsilon', { target: 1 });
  const samples = await heatmapGrid(await perSample(explanation));
  expect(samples.svg).toContain('relevance, in units of the score');
  const pooled = await heatmapGrid(perLayer(explanation), { pool: 'norm' });
  expect(pooled.svg).toContain('in units of the score, length over channels');
  const [first, ...others] = await perSample(explanation);
  if (!first) throw new Error('no sample');
  const mixed = await heatmapGrid([{ ...first, unit: 'something else' }, ...others]);
  expect(mixed.svg).not.toContain('in units of');
  const told = await heatmapGrid([first, ...others], { unit: 'shares' });
  expect(told.svg).toContain('shares');
  explanation.dispose();
  tf.dispose(x);
  model.dispose();
});
