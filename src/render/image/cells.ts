import type { Tensor } from '@tensorflow/tfjs-core';
import type { Explanation } from '../../index.js';
import type { GridCell } from './grid.js';
import { describeScore, type Explained, findInput, inputAxes, layerAxes, unitOf } from './heatmap.js';

/** The cells of every sample of a batch, labelled by what was explained. */
export async function perSample(
  explanation: Explained,
  picture?: Tensor,
  input?: string | number,
): Promise<GridCell[]> {
  const found = findInput(explanation, input);
  const { relevance } = found;
  const { target } = explanation;
  const axes = inputAxes(explanation, found);
  const samples = target.scores.shape[0] ?? 1;
  const unit = unitOf(explanation);
  return Promise.all(
    Array.from({ length: samples }, async (_, sample) => {
      const label = `${sample}: ${await describeScore(target, sample)}`;
      return { label, relevance, sample, unit, target, ...(picture ? { picture } : {}), ...(axes ? { axes } : {}) };
    }),
  );
}

/** The cells of the layers whose outputs are pictures, in the order of the model; or of those that are named. */
export function perLayer(
  explanation: Pick<Explanation, 'layers' | 'layer' | 'target'>,
  names?: readonly string[],
  sample = 0,
): GridCell[] {
  const found = names ? names.map((name) => explanation.layer(name)) : Object.values(explanation.layers);
  const { target } = explanation;
  const unit = unitOf(explanation);
  return found
    .filter(({ output }) => names !== undefined || output.rank === 4)
    .map(({ address, output }) => {
      const label = `${address} ${output.shape.slice(1).join(' × ')}`;
      return { label, relevance: output, sample, unit, target, axes: layerAxes(output) };
    });
}
