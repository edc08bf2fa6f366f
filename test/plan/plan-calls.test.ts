// Which layer call feeds which: what a picture of the model is drawn from.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterEach, expect, test } from 'vitest';
import { explain, fromJSON, plan } from '../../src/index.js';
import { apply } from '../explanation/tools.js';

afterEach(() => tf.disposeVariables());

const dense = (name: string) => tfl.layers.dense({ units: 3, name });

/** `a -> b` of every input; `-` for what is given to the model. */
function arrows(model: tfl.LayersModel): string[] {
  const made = plan(model, 'epsilon');
  const summary = made.summary;
  made.dispose();
  return summary.calls.flatMap(({ address, inputs }) =>
    inputs.map(({ from, output }) => `${from ?? '-'}${output > 0 ? `[${output}]` : ''} -> ${address}`),
  );
}

test('branches, a layer called twice, a nested model whose input is read outside of it too', () => {
  const inner = tfl.input({ shape: [3], name: 'in' });
  const enc = tfl.model({ inputs: inner, outputs: apply(dense('own'), inner), name: 'enc' });
  const x = tfl.input({ shape: [3], name: 'x' });
  const shared = dense('shared');
  const first = apply(shared, x);
  const second = apply(shared, apply(enc, first));
  const joined = tfl.layers.add({ name: 'join' }).apply([first, second]) as tfl.SymbolicTensor;
  expect(arrows(tfl.model({ inputs: x, outputs: joined }))).toEqual([
    '- -> x',
    'x -> shared',
    'shared -> enc/in',
    'enc/in -> enc/own',
    'enc/own -> shared#1',
    'shared -> join',
    'shared#1 -> join',
  ]);
});

test('which output of a layer with several', () => {
  const x = tfl.input({ shape: [4, 2], name: 'x' });
  const lstm = tfl.layers.lstm({ units: 3, returnState: true, name: 'lstm', recurrentInitializer: 'glorotNormal' });
  const [y, , cell] = lstm.apply(x) as tfl.SymbolicTensor[];
  const both = tfl.layers.concatenate({ name: 'both' }).apply([y, cell] as tfl.SymbolicTensor[]) as tfl.SymbolicTensor;
  expect(arrows(tfl.model({ inputs: x, outputs: both }))).toEqual([
    '- -> x',
    'x -> lstm',
    'lstm -> both',
    'lstm[2] -> both',
  ]);
});

test('shapes, and all of it in the record of an explanation', async () => {
  const x = tfl.input({ shape: [3], name: 'x' });
  const model = tfl.model({ inputs: x, outputs: apply(dense('d'), x) });
  const input = tf.ones([1, 3]);
  const explanation = explain(model, input);
  expect(explanation.plan.calls.map((call) => call.outputShapes)).toEqual([[[null, 3]], [[null, 3]]]);
  const again = fromJSON(JSON.stringify(await explanation.toJSON()));
  expect(again.plan.calls).toEqual(explanation.plan.calls);
  expect(again.plan.fingerprint).toBe(explanation.plan.fingerprint);
  for (const one of [explanation, again]) one.dispose();
  input.dispose();
});
