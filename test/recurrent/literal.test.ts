// The library against the formulas written out in loops.
import type * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, test } from 'vitest';
import { epsilon, explain } from '../../src/index.js';
import { expectNumbersClose, numbers } from '../explanation/tools.js';
import { at, randomizeWeights, randomTensor } from '../layers/reproduce.js';
import {
  type CellWeights,
  type Explain,
  explainGru,
  explainLstm,
  explainSimpleRnn,
  type Sharing,
  shareLinear,
} from './literal.js';
import { type Kind, recurrent } from './models.js';

const [TIMES, FEATURES, UNITS] = [5, 3, 4];

const EXPLAIN: Readonly<Record<Kind, Explain>> = { lstm: explainLstm, gru: explainGru, simpleRNN: explainSimpleRnn };

const SHARINGS: readonly Sharing[] = [
  { epsilon: 1e-6, biasFactor: 0 },
  { epsilon: 0.1, biasFactor: 0 },
  { epsilon: 1e-3, biasFactor: 1 },
];

/** Every time step's output read out by one Dense, or only the last one's. */
function modelOf(kind: Kind, returnSequences: boolean): tfl.LayersModel {
  const layer = recurrent(kind, {
    units: UNITS,
    returnSequences,
    recurrentActivation: 'sigmoid',
    inputShape: [TIMES, FEATURES],
    name: 'memory',
  });
  const layers: tfl.layers.Layer[] = [layer, tfl.layers.flatten(), tfl.layers.dense({ units: 1, name: 'out' })];
  const model = tfl.sequential({ layers: returnSequences ? layers : [layer, at(layers, 2)] });
  randomizeWeights(model, 5);
  return model;
}

for (const kind of ['lstm', 'gru', 'simpleRNN'] as const) {
  for (const returnSequences of [false, true]) {
    test.each(SHARINGS)(`${kind}, ${returnSequences ? 'all outputs' : 'last output'}, %o`, async (sharing) => {
      const model = modelOf(kind, returnSequences);
      const x = randomTensor([1, TIMES, FEATURES], 9);
      const expected = await literally(kind, model, x, returnSequences, sharing);
      const rule = epsilon(sharing.epsilon, sharing.biasFactor === 1 ? { bias: 'distribute-all' } : {});
      const explanation = explain(model, x, { memory: rule, out: rule });
      const actual = await numbers(at(explanation.inputs, 0).relevance);
      expectNumbersClose(actual, expected.flat(), 1e-4);
      expect(Math.max(...actual.map(Math.abs))).toBeGreaterThan(1e-4);
      for (const disposable of [explanation, model, x]) disposable.dispose();
    });
  }
}

/** The relevance of the input by {@link Explain}, that of the read-out included. */
async function literally(
  kind: Kind,
  model: tfl.LayersModel,
  x: tf.Tensor,
  all: boolean,
  sharing: Sharing,
): Promise<number[][]> {
  const [kernel, recurrentKernel, bias, dense, denseBias] = await Promise.all(
    model.getWeights().map(async (weight) => rows(await numbers(weight), weight.shape[1] ?? 1)),
  );
  if (!kernel || !recurrentKernel || !bias || !dense || !denseBias) throw new Error('five weights');
  const w: CellWeights = { kernel, recurrent: recurrentKernel, bias: bias.flat() };
  // What the layer itself answers is what its own tests compare; here it is taken as given.
  const layer = at(model.layers, 0);
  const y = layer.apply(x) as tf.Tensor;
  const h = await numbers(y);
  const score = h.reduce((sum, value, i) => sum + value * at(at(dense, i), 0), at(denseBias.flat(), 0));
  const upper = shareLinear(h, dense, denseBias.flat(), [score], [score], sharing);
  y.dispose();
  const none = new Array<number>(UNITS * (TIMES - 1)).fill(0);
  return EXPLAIN[kind](w, rows(await numbers(x), FEATURES), rows(all ? upper : [...none, ...upper], UNITS), sharing);
}

function rows(values: readonly number[], width: number): number[][] {
  return Array.from({ length: values.length / width }, (_, row) => values.slice(row * width, (row + 1) * width));
}
