import * as tfl from '@tensorflow/tfjs-layers';
import { describe, test } from 'vitest';
import { applyOnCpu, modelOf, randomizeWeights, randomTensor, stepsReproduce } from './reproduce.js';

const CASES = [
  { kernelSize: 3, strides: 1 },
  { kernelSize: 3, strides: 2, useBias: false },
  { kernelSize: 2, strides: 3 },
  { kernelSize: 2, strides: 2, activation: 'relu' as const },
];

describe.each(['channelsLast', 'channelsFirst'] as const)('%s', (dataFormat) => {
  const first = dataFormat === 'channelsFirst';

  test.each(['same', 'valid'] as const)('Conv2DTranspose %s', async (padding) => {
    const shape = first ? [3, 4, 5] : [4, 5, 3];
    for (const own of CASES) {
      const layer = tfl.layers.conv2dTranspose({ filters: 4, padding, dataFormat, ...own });
      const model = modelOf(layer, [shape]);
      randomizeWeights(model);
      const x = randomTensor([2, ...shape]);
      const expected = [await applyOnCpu(model, x)];
      await stepsReproduce(model, [x], { expected, keepWeights: true });
    }
  });

  // The answer of the cpu backend: wasm's own is wrong.
  test.each(['same', 'valid'] as const)('Conv3DTranspose %s', async (padding) => {
    const shape = first ? [2, 3, 2, 4] : [3, 2, 4, 2];
    for (const own of CASES) {
      const layer = tfl.layers.conv3dTranspose({ filters: 3, padding, dataFormat, ...own });
      const model = modelOf(layer, [shape]);
      randomizeWeights(model);
      const x = randomTensor([2, ...shape]);
      const expected = [await applyOnCpu(model, x)];
      await stepsReproduce(model, [x], { expected, keepWeights: true });
    }
  });
});
