// The Softmax layer hides what a mask of time steps says, on its last axis; Activation does not.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, test } from 'vitest';
import { explain, PlanError, plan } from '../../src/index.js';
import { at, errorOf, expectClose, numbers, randomizeWeights, tensorCount } from '../explanation/tools.js';

const TIMES = 4;

/** Tokens, a vector for each, a score for every pair of positions, weights, two classes. */
function model(link: tfl.layers.Layer, scores = TIMES): tfl.LayersModel {
  const made = tfl.sequential({
    layers: [
      tfl.layers.embedding({ inputDim: 6, outputDim: 3, maskZero: true, inputShape: [TIMES], name: 'words' }),
      tfl.layers.dense({ units: scores, name: 'scores' }),
      link,
      tfl.layers.flatten({ name: 'flat' }),
      tfl.layers.dense({ units: 2, name: 'classes' }),
    ],
  });
  randomizeWeights(made);
  return made;
}

const softmax = () => tfl.layers.softmax({ axis: -1, name: 'weights' });
const SENTENCES = [
  [3, 0, 5, 0],
  [1, 2, 4, 0],
];

test.each(['epsilon', 'attn-lrp', 'cp-lrp'])(
  'gives what tfjs gives, hidden positions earn nothing: %s',
  async (rules) => {
    const made = model(softmax());
    const before = tensorCount();
    for (const sentence of SENTENCES) {
      const x = tf.tensor2d([sentence]);
      const expected = made.predict(x) as tf.Tensor;
      const explanation = explain(made, x, rules);
      await expectClose(at(explanation.outputs, 0).value, expected);
      expect((await explanation.conservation()).verdict).toBe('closed');
      const perPair = await numbers(at(explanation.layer('scores').outputs, 0));
      const hidden = perPair.filter((_, pair) => sentence[pair % TIMES] === 0);
      expect(hidden.map((value) => value + 0)).toEqual(hidden.map(() => 0));
      explanation.dispose();
      tf.dispose([x, expected]);
    }
    expect(tensorCount()).toBe(before);
    made.dispose();
  },
);

test('a batch is explained sample by sample, which tfjs cannot even predict', async () => {
  const made = model(softmax());
  const x = tf.tensor2d(SENTENCES);
  expect(() => made.predict(x)).toThrow('broadcast');
  const together = explain(made, x, 'epsilon', { target: 1 });
  const alone = SENTENCES.map((sentence) => explain(made, tf.tensor2d([sentence]), 'epsilon', { target: 1 }));
  for (const address of ['words', 'scores', 'weights']) {
    const expected = tf.concat(alone.map((one) => at(one.layer(address).outputs, 0)));
    await expectClose(at(together.layer(address).outputs, 0), expected);
    expected.dispose();
  }
  for (const disposable of [together, ...alone, made, x]) disposable.dispose();
});

test('Activation takes no notice of a mask, as in tfjs', async () => {
  const made = model(tfl.layers.activation({ activation: 'softmax', name: 'weights' }));
  const x = tf.tensor2d(SENTENCES);
  const expected = made.predict(x) as tf.Tensor;
  const explanation = explain(made, x, 'epsilon');
  await expectClose(at(explanation.outputs, 0).value, expected);
  for (const disposable of [explanation, made, x, expected]) disposable.dispose();
});

test('a last axis of another size, or several axes, is refused', async () => {
  const narrow = model(softmax(), 3);
  const error = await errorOf(() => plan(narrow));
  expect(error).toBeInstanceOf(PlanError);
  expect(error.message).toContain(
    'tfjs hands it a mask of time steps, and applies that to the last axis of [any, 4, 3]',
  );
  expect(error.message).toContain('Use tf.layers.activation({activation: "softmax"}): it ignores masks.');
  // The type allows one axis, the layer takes several.
  const joint = model(tfl.layers.softmax({ axis: [1, 2] as unknown as number }));
  expect((await errorOf(() => plan(joint))).message).toContain('several axes of a masked input');
  for (const made of [narrow, joint]) made.dispose();
});
