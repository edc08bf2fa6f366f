import * as tfl from '@tensorflow/tfjs-layers';
import { channels } from './channels.js';
import { apply, convolve, depthwise, type Node, normalizeAndCap, padEnd } from './layers.js';

/** Factor of the expansion, filters, number of blocks, stride of the first block. */
const STAGES = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

/** Sandler et al. 2018: inverted residuals, whose ends have no activation and so both signs. */
export function mobileNetV2(width: number): tfl.LayersModel {
  const input = tfl.input({ shape: [224, 224, 3] });
  const stem = { filters: channels(32, width), size: 3, stride: 2, padding: 'valid', useBias: false } as const;
  let x = normalizeAndCap(convolve(padEnd(input), stem));
  let before = stem.filters;
  for (const [factor, filters, blocks, stride] of STAGES) {
    for (let block = 0; block < blocks; block++) {
      const outer = channels(filters, width);
      x = invertedResidual(x, { factor, inner: before * factor, outer, stride: block === 0 ? stride : 1 }, block > 0);
      before = outer;
    }
  }
  const last = normalizeAndCap(pointwise(x, channels(1280, width)));
  const pooled = apply(tfl.layers.globalAveragePooling2d({}), last);
  const dense = tfl.layers.dense({ units: 1000, activation: 'softmax', kernelInitializer: 'zeros' });
  return tfl.model({ inputs: input, outputs: apply(dense, pooled), name: 'mobilenet_v2' });
}

interface Block {
  readonly factor: number;
  readonly inner: number;
  readonly outer: number;
  readonly stride: number;
}

function invertedResidual(x: Node, { factor, inner, outer, stride }: Block, residual: boolean): Node {
  const wide = factor === 1 ? x : normalizeAndCap(pointwise(x, inner));
  const moved = normalizeAndCap(depthwise(wide, stride));
  const narrow = apply(tfl.layers.batchNormalization({}), pointwise(moved, outer));
  return residual ? apply(tfl.layers.add(), [x, narrow]) : narrow;
}

function pointwise(x: Node, filters: number): Node {
  return convolve(x, { filters, size: 1, stride: 1, padding: 'same', useBias: false });
}
