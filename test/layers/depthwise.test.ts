import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { trace } from '../../src/graph/trace.js';
import { defaultRegistry } from '../../src/layers/default-registry.js';
import { lower } from '../../src/plan/lower.js';
import { modelOf, randomTensor, stepsReproduce } from './reproduce.js';

const FORMATS = ['channelsLast', 'channelsFirst'] as const;

describe.each(FORMATS)('%s', (dataFormat) => {
  const shape = dataFormat === 'channelsLast' ? [7, 6, 3] : [3, 7, 6];

  test.each(['same', 'valid'] as const)('DepthwiseConv2D %s', async (padding) => {
    const options = [
      { kernelSize: 3 },
      { kernelSize: 3, strides: 2, depthMultiplier: 2, useBias: false },
      { kernelSize: [2, 3] as [number, number], depthMultiplier: 3, activation: 'relu6' as const },
      { kernelSize: 2, dilationRate: 2 },
    ];
    for (const own of options) {
      const layer = tfl.layers.depthwiseConv2d({ padding, dataFormat, ...own });
      await stepsReproduce(modelOf(layer, [shape]), [randomTensor([2, ...shape])]);
    }
  });

  test.each(['same', 'valid'] as const)('SeparableConv2D %s without bias', async (padding) => {
    for (const own of [
      { strides: 2, depthMultiplier: 2 },
      { dilationRate: 2, activation: 'softmax' as const },
    ]) {
      const layer = tfl.layers.separableConv2d({
        filters: 4,
        kernelSize: 2,
        padding,
        dataFormat,
        useBias: false,
        ...own,
      });
      const names = await stepsReproduce(modelOf(layer, [shape]), [randomTensor([2, ...shape])]);
      expect(names.filter((name) => name.startsWith('depthwise') || name.startsWith('conv'))).toHaveLength(2);
    }
  });
});

describe('SeparableConv2D with bias', () => {
  test('channels last', async () => {
    const layer = tfl.layers.separableConv2d({ filters: 4, kernelSize: 3, padding: 'same' });
    const names = await stepsReproduce(modelOf(layer, [[5, 6, 3]]), [randomTensor([2, 5, 6, 3])]);
    expect(names).toEqual(['depthwise 3x3', 'conv2d 1x1']);
  });

  test('channels first adds it along the height, as tfjs does', async () => {
    const options = { kernelSize: 3, padding: 'same', dataFormat: 'channelsFirst' } as const;
    for (const filters of [5, 1]) {
      const layer = tfl.layers.separableConv2d({ filters, ...options });
      await stepsReproduce(modelOf(layer, [[3, 5, 6]]), [randomTensor([2, 3, 5, 6])]);
    }
  });

  test('channels first is refused where tfjs fails', () => {
    const layer = tfl.layers.separableConv2d({ filters: 4, kernelSize: 1, dataFormat: 'channelsFirst', name: 'sep' });
    const { problems } = lower(trace(modelOf(layer, [[3, 5, 6]])), defaultRegistry);
    expect(problems[0]?.message).toMatchInlineSnapshot(
      `"Layer "sep" (class SeparableConv2D) at sep: with channels first tfjs adds its bias of 4 along the height of 5, which fails. Use channelsLast or useBias: false."`,
    );
  });
});
