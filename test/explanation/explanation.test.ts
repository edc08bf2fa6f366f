// The result: what it holds, whose tensors they are, how it is asked and written down.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterAll, describe, expect, test } from 'vitest';
import {
  type Explanation,
  type ExplanationRecord,
  epsilon,
  explain,
  fromJSON,
  type Keep,
  plan,
} from '../../src/index.js';
import { cnn, residualNet } from './nets.js';
import {
  apply,
  at,
  errorOf,
  expectNumbersClose,
  numbers,
  randomizeWeights,
  randomTensor,
  readings,
  setWeights,
  tensorCount,
  tidied,
  total,
} from './tools.js';

const dense = (name: string, units = 3) => tfl.layers.dense({ units, name });

/** `enc` twice, with a layer inside shared by two calls; another `dense` outside. */
function nested(): tfl.LayersModel {
  const inner = tfl.input({ shape: [3], name: 'in' });
  const layer = dense('dense');
  const enc = tfl.model({
    inputs: inner,
    outputs: apply(dense('own'), apply(layer, apply(layer, inner))),
    name: 'enc',
  });
  const input = tfl.input({ shape: [3], name: 'x' });
  const model = tfl.model({
    inputs: input,
    outputs: apply(dense('dense', 2), apply(enc, apply(enc, input))),
    name: 'net',
  });
  randomizeWeights(model, 3);
  return model;
}

/** JSON has one zero only. */
function unsignedZeros(read: Record<string, number[]>): Record<string, number[]> {
  return Object.fromEntries(Object.entries(read).map(([place, values]) => [place, values.map((value) => value + 0)]));
}

/** Every tensor that can be reached. */
function tensorsIn(value: unknown, found = new Set<tf.Tensor>()): Set<tf.Tensor> {
  if (value instanceof tf.Tensor) found.add(value);
  else if (typeof value === 'object' && value !== null) for (const one of Object.values(value)) tensorsIn(one, found);
  return found;
}

describe('layer()', () => {
  const x = randomTensor([2, 3], 1);
  const explanation = explain(nested(), x);
  afterAll(() => {
    explanation.dispose();
    x.dispose();
  });

  test('by address', () => {
    expect(Object.keys(explanation.layers)).toEqual([
      'x',
      'enc/in',
      'enc/dense',
      'enc/dense#1',
      'enc/own',
      'enc#1/in',
      'enc#1/dense',
      'enc#1/dense#1',
      'enc#1/own',
      'dense',
    ]);
    for (const [address, layer] of Object.entries(explanation.layers)) {
      const full = address.replace(/^enc(?=\/)/, 'enc#0').replace(/dense$/, 'dense#0');
      expect(explanation.layer(full)).toBe(layer);
      expect(layer.address).toBe(address);
      expect(layer.output).toBe(layer.outputs[0]);
    }
    expect(explanation.layer('enc#1/dense#1')).toMatchObject({ layerType: 'Dense' });
    expect(explanation.layer('enc#0/dense#0')).toBe(explanation.layers['enc/dense']);
    expect(explanation.layer('dense#0')).toBe(explanation.layer('dense'));
  });

  test('the first of several calls has to be asked for by its number', async () => {
    const message = async (name: string) => (await errorOf(() => explanation.layer(name))).message;
    expect(await message('enc/own')).toBe(
      '"enc/own" is called 2 times: "enc#0/own" and "enc#1/own". Give one of these addresses.',
    );
    expect(await message('enc/dense')).toBe(
      '"enc/dense" is called 4 times: "enc#0/dense#0", "enc/dense#1", "enc#1/dense" and "enc#1/dense#1". Give one of these addresses.',
    );
    expect(explanation.layer('enc#0/own')).toBe(explanation.layers['enc/own']);
  });

  test('by a name that only one layer has', () => {
    const single = explain(residualNet(), tf.ones([1, 12, 12, 3]), 'epsilon', { keep: ['b_2'] });
    expect(single.layer('b_2').address).toBe('b_2');
    single.dispose();
    // An exact address comes before the names of layers inside models.
    expect(explanation.layer('dense').outputs[0]?.shape).toEqual([2, 2]);
  });

  test('by the name of a layer inside the only nested model', () => {
    const inner = tfl.input({ shape: [3], name: 'in' });
    const enc = tfl.model({ inputs: inner, outputs: apply(dense('deep'), inner), name: 'enc' });
    const input = tfl.input({ shape: [3], name: 'x' });
    const one = explain(tfl.model({ inputs: input, outputs: apply(enc, input) }), x);
    expect(one.layer('deep').address).toBe('enc/deep');
    one.dispose();
  });

  test('ambiguous or missing', async () => {
    expect((await errorOf(() => explanation.layer('own'))).message).toMatchInlineSnapshot(
      `"There are 2 layers "own": "enc/own" and "enc#1/own". Give one of these addresses."`,
    );
    const missing = await errorOf(() => explanation.layer('encc/own'));
    expect(missing).toMatchObject({ name: 'MatchError', code: 'match' });
    expect(missing.message).toMatchInlineSnapshot(
      `"There is no relevance of a layer "encc/own"; nearest: "enc/own", "enc#1/own" and "enc/in"."`,
    );
    expect((await errorOf(() => explanation.layer('toString'))).name).toBe('MatchError');
    const bare = explain(nested(), x, 'epsilon', { keep: 'inputs' });
    expect((await errorOf(() => bare.layer('own'))).message).toMatchInlineSnapshot(
      `"There is no relevance of a layer "own"; none was kept: explain with {keep: "layers"}."`,
    );
    bare.dispose();
  });
});

describe('keep', () => {
  const x = randomTensor([1, 3], 2);
  afterAll(() => tf.dispose(x));
  const kept = (keep: string[]) => {
    const explanation = explain(nested(), x, 'epsilon', { keep });
    const addresses = Object.keys(explanation.layers);
    explanation.dispose();
    return addresses;
  };

  test('names mean every call, addresses one', () => {
    expect(kept([])).toEqual([]);
    expect(kept(['own'])).toEqual(['enc/own', 'enc#1/own']);
    expect(kept(['enc#1/dense'])).toEqual(['enc#1/dense']);
    expect(kept(['enc#0/dense#0', 'enc/dense#1'])).toEqual(['enc/dense', 'enc/dense#1']);
    expect(kept(['dense', 'own'])).toHaveLength(7);
  });

  test('what is kept is the same as when all is', async () => {
    const model = nested();
    const [all, some] = [explain(model, x), explain(model, x, undefined, { keep: ['enc#1/own'] })];
    expect(await numbers(some.layer('enc#1/own').output)).toEqual(await numbers(all.layer('enc#1/own').output));
    expect(await numbers(at(some.layer('enc#1/own').inputs, 0))).toEqual(
      await numbers(at(all.layer('enc#1/own').inputs, 0)),
    );
    all.dispose();
    some.dispose();
  });

  test('what is not kept is not there', () => {
    const model = nested();
    const held = (keep: Keep) => {
      const explanation = explain(model, x, undefined, { keep, ledger: false });
      const { size } = tensorsIn(explanation);
      explanation.dispose();
      return size;
    };
    expect(held(['enc#1/own'])).toBeGreaterThan(held('inputs'));
    expect(held('layers')).toBeGreaterThan(held(['enc#1/own']));
  });
});

describe('whose tensors', () => {
  const model = residualNet();
  const x = randomTensor([2, 12, 12, 3], 3);
  afterAll(() => tf.dispose(x));

  test('all that an explanation made, and nothing else, can be reached and goes with it', () => {
    const before = tensorCount();
    const explanation = explain(model, x);
    const held = tensorsIn(explanation);
    expect(tensorCount()).toBe(before + held.size);
    expect([...held].some((tensor) => tensor.isDisposed)).toBe(false);
    expect(held.has(x)).toBe(false);
    explanation.dispose();
    expect([...held].every((tensor) => tensor.isDisposed)).toBe(true);
    explanation.dispose();
    expect(tensorCount()).toBe(before);
  });

  test('it survives a tidy that answers it, alone or inside other data', async () => {
    const before = tensorCount();
    const alone = tf.tidy(() => explain(model, x));
    const { list } = tf.tidy(() => ({ list: [explain(model, x, 'epsilon'), explain(model, x, 'epsilon-plus')] }));
    for (const explanation of [alone, ...list]) {
      expect([...tensorsIn(explanation)].every((tensor) => !tensor.isDisposed)).toBe(true);
      expect((await explanation.conservation()).verdict).toBe('closed');
      expect(await total(at(explanation.inputs, 0).relevance)).not.toBeNaN();
      explanation.dispose();
    }
    expect(tensorCount()).toBe(before);
  });

  test('a tidy that does not answer it ends it; a plan made inside goes on', async () => {
    const before = tensorCount();
    const made = tidied(() => {
      const own = plan(model);
      own.explain(x);
      return { own };
    }).own;
    const explanation = made.explain(x);
    expect((await explanation.conservation()).verdict).toBe('closed');
    explanation.dispose();
    made.dispose();
    expect(tensorCount()).toBe(before);
  });

  test('an output that is the input is a copy', async () => {
    const input = tfl.input({ shape: [2], name: 'x' });
    const given = tf.tensor2d([[1, 2]]);
    const explanation = explain(tfl.model({ inputs: input, outputs: input }), given);
    explanation.dispose();
    expect(given.isDisposed).toBe(false);
    expect(await numbers(given)).toEqual([1, 2]);
    given.dispose();
  });
});

describe('what flows where, by hand', () => {
  test('the same tensor given twice to Add: each input has its half, the tensor the sum', async () => {
    const input = tfl.input({ shape: [2], name: 'x' });
    const dropped = apply(tfl.layers.dropout({ rate: 0.5, name: 'drop' }), input);
    const sum = apply(tfl.layers.add({ name: 'sum' }), [dropped, dropped]);
    const model = tfl.model({ inputs: input, outputs: apply(dense('out', 1), sum) });
    setWeights(model.getLayer('out'), [[1], [3]], [0]);
    const x = tf.tensor2d([[1, 2]]);
    // sum = [2, 4], out = 2 + 12.
    const explanation = explain(model, x, 'epsilon');
    const { inputs, output } = explanation.layer('sum');
    expectNumbersClose(await numbers(output), [2, 12]);
    expect(inputs).toHaveLength(2);
    for (const half of inputs) expectNumbersClose(await numbers(half), [1, 6]);
    expectNumbersClose(await numbers(explanation.layer('drop').output), [2, 12]);
    expectNumbersClose(await numbers(at(explanation.inputs, 0).relevance), [2, 12]);
    explanation.dispose();
    x.dispose();
  });

  test('Multiply, Concatenate and Maximum of a tensor with itself', async () => {
    const x = tf.tensor2d([[3, -2]]);
    const relevanceOf = async (layer: tfl.layers.Layer) => {
      const input = tfl.input({ shape: [2], name: 'x' });
      const explanation = explain(tfl.model({ inputs: input, outputs: apply(layer, [input, input]) }), x, 'epsilon', {
        target: 'all',
      });
      const read = await Promise.all([
        numbers(at(explanation.inputs, 0).relevance),
        ...at(Object.values(explanation.layers), 1).inputs.map(numbers),
      ]);
      expect((await explanation.conservation()).verdict).toBe('closed');
      explanation.dispose();
      return read;
    };
    expect(await relevanceOf(tfl.layers.multiply())).toEqual([[9, 4], [4.5, 2], [4.5, 2]]); // biome-ignore format: a table
    expect(await relevanceOf(tfl.layers.concatenate())).toEqual([[6, -4], [3, -2], [3, -2]]); // biome-ignore format: a table
    expect(await relevanceOf(tfl.layers.maximum())).toEqual([[3, -2], [3, -2], [0, 0]]); // biome-ignore format: a table
    x.dispose();
  });

  test('Dropout read by two: its relevance is the sum of what they hand it', async () => {
    const input = tfl.input({ shape: [2], name: 'x' });
    const dropped = apply(tfl.layers.dropout({ rate: 0.5, name: 'drop' }), input);
    const [left, right] = [apply(dense('left', 1), dropped), apply(dense('right', 1), dropped)];
    const model = tfl.model({ inputs: input, outputs: apply(tfl.layers.add({ name: 'sum' }), [left, right]) });
    setWeights(model.getLayer('left'), [[1], [2]], [0]);
    setWeights(model.getLayer('right'), [[3], [-1]], [0]);
    const x = tf.tensor2d([[2, 1]]);
    // left = 4, right = 5.
    const explanation = explain(model, x, 'epsilon');
    expectNumbersClose(await numbers(at(explanation.layer('left').inputs, 0)), [2, 2]);
    expectNumbersClose(await numbers(at(explanation.layer('right').inputs, 0)), [6, -1]);
    expectNumbersClose(await numbers(explanation.layer('drop').output), [8, 1]);
    expectNumbersClose(await numbers(at(explanation.layer('drop').inputs, 0)), [8, 1]);
    explanation.dispose();
    x.dispose();
  });

  test('an output that is read on: explaining the one after it leaves it its own values', async () => {
    const input = tfl.input({ shape: [2], name: 'x' });
    const inner = apply(tfl.layers.dense({ units: 2, activation: 'softmax', name: 'inner' }), input);
    const model = tfl.model({ inputs: input, outputs: [inner, apply(dense('top', 1), inner)] });
    setWeights(model.getLayer('inner'), [[1, 0], [0, 1]], [0, 0]); // biome-ignore format: a matrix
    setWeights(model.getLayer('top'), [[1], [1]], [0]);
    const x = tf.tensor2d([[1, 1]]);
    for (const output of [0, 1]) {
      const explanation = explain(model, x, 'epsilon', { target: { output, unit: 0 } });
      // The softmax is read by `top`, so it is not set aside.
      expect(explanation.outputs.map(({ link }) => link)).toEqual([null, null]);
      expect(await numbers(at(explanation.outputs, 0).value)).toEqual([0.5, 0.5]);
      expect(explanation.target.quantity).toBe('score');
      expect((await explanation.conservation()).verdict).toBe('closed');
      explanation.dispose();
    }
    x.dispose();
  });

  test('an input that no output depends on earns nothing', async () => {
    const [a, b] = [tfl.input({ shape: [2], name: 'a' }), tfl.input({ shape: [3], name: 'b' })];
    const outputs = [apply(dense('left', 1), a), apply(dense('right', 1), b)];
    const model = tfl.model({ inputs: [a, b], outputs });
    const inputs = { b: tf.ones([2, 3]), a: tf.ones([2, 2]) };
    const explanation = explain(model, inputs, 'epsilon', { target: { output: 'left' } });
    expect(explanation.inputs.map(({ name, relevance }) => [name, relevance.shape])).toEqual([
      ['a', [2, 2]],
      ['b', [2, 3]],
    ]);
    expect(await numbers(at(explanation.inputs, 1).relevance)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(await total(at(explanation.inputs, 0).relevance)).not.toBe(0);
    explanation.dispose();
    tf.dispose(inputs);
  });

  test('a single sample comes back without the batch axis, everything inside with it', async () => {
    const model = cnn();
    const x = randomTensor([28, 28, 3], 4);
    const batch = tf.expandDims(x, 0);
    const [single, whole] = [explain(model, x), explain(model, batch)];
    expect(at(single.inputs, 0).relevance.shape).toEqual([28, 28, 3]);
    expect(at(whole.inputs, 0).relevance.shape).toEqual([1, 28, 28, 3]);
    expect(single.layer('conv_1').output.shape).toEqual([1, 26, 26, 8]);
    expect(at(single.outputs, 0).value.shape).toEqual([1, 5]);
    expect(await readings(single)).toEqual(await readings(whole));
    tf.dispose([x, batch]);
    single.dispose();
    whole.dispose();
  });

  test('inputs of other number types are cast', async () => {
    const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [2] })] });
    setWeights(at(model.layers, 0), [[1], [2]], [0]);
    for (const x of [tf.tensor2d([[3, 4]], [1, 2], 'int32'), tf.tensor2d([[true, true]], [1, 2], 'bool')]) {
      const explanation = explain(model, x);
      const [a = 0, b = 0] = await numbers(x);
      expectNumbersClose(await numbers(at(explanation.inputs, 0).relevance), [a, 2 * b]);
      expect(x.isDisposed).toBe(false);
      explanation.dispose();
      x.dispose();
    }
  });
});

describe('toJSON and fromJSON', () => {
  const model = residualNet();
  const x = randomTensor([2, 12, 12, 3], 3);
  const made: Explanation[] = [];
  const keepForLater = (explanation: Explanation) => {
    made.push(explanation);
    return explanation;
  };
  afterAll(() => {
    for (const explanation of made) explanation.dispose();
    x.dispose();
  });

  test('there and back through text: equal numbers, the same ledger, plan and target', async () => {
    const before = keepForLater(explain(model, x, undefined, { target: [1, 3] }));
    const record = await before.toJSON();
    const text = JSON.stringify(record);
    expect(JSON.stringify(JSON.parse(text))).toBe(text);
    for (const after of [fromJSON(text), fromJSON(record), fromJSON(JSON.parse(text))]) {
      keepForLater(after);
      expect(unsignedZeros(await readings(after))).toEqual(unsignedZeros(await readings(before)));
      expect(Object.keys(after.layers)).toEqual(Object.keys(before.layers));
      expect(after.layer('b_add').inputs).toHaveLength(2);
      const [own, read] = [await before.conservation(), await after.conservation()];
      expect(`${read}`).toBe(`${own}`);
      expect(read.rows).toEqual(own.rows);
      expect(`${after.plan}`).toBe(`${before.plan}`);
      expect(after.plan.rows).toEqual(before.plan.rows);
      const { place, quantity, start } = before.target;
      expect(after.target).toMatchObject({ place, quantity, start });
      expect(after.outputs.map(({ name, link }) => [name, link])).toEqual([['head', 'softmax']]);
      expect(after.inputs.map(({ name, relevance }) => [name, relevance.shape])).toEqual([['image', [2, 12, 12, 3]]]);
    }
  });

  test('a plan read back prints as it did, with why it was chosen and its warnings', async () => {
    const input = tfl.input({ shape: [3], name: 'x' });
    let y = input;
    for (let layer = 0; layer < 5; layer++) y = apply(dense(`d${layer}`), y);
    const deep = tfl.model({ inputs: input, outputs: y, name: 'deep' });
    const sample = tf.ones([3]);
    for (const rules of [undefined, 'excitation-backprop']) {
      const before = keepForLater(explain(deep, sample, rules));
      const after = keepForLater(fromJSON(await before.toJSON()));
      expect(`${after.plan}`).toBe(`${before.plan}`);
      expect(`${before.plan}`).toContain(rules === undefined ? 'chosen by default' : 'Warning: z-plus on all 5');
    }
    sample.dispose();
  });

  test('what it says of itself', async () => {
    const explanation = keepForLater(explain(model, x, 'epsilon'));
    const record = await explanation.toJSON();
    expect(record).toMatchObject({
      format: 'tfjs-lrp/explanation',
      version: 1,
      backend: tf.getBackend(),
      tfjs: tf.version_core,
      plan: { model: 'residual', rules: 'epsilon' },
    });
    expect(record.ledger?.table.verdict).toBe('closed');
    expect(record.fingerprint).toMatch(/^[0-9a-f]{8}$/);
    // The same for equal architecture and rules, another for other rules.
    const [again, other] = [explain(model, x, 'epsilon'), explain(model, x, 'epsilon-plus')].map(keepForLater);
    expect((await again?.toJSON())?.fingerprint).toBe(record.fingerprint);
    expect((await other?.toJSON())?.fingerprint).not.toBe(record.fingerprint);
  });

  test('without ledger, and with little kept', async () => {
    const explanation = keepForLater(explain(model, x, epsilon(), { ledger: false, keep: 'inputs' }));
    const record = await explanation.toJSON();
    expect(record.ledger).toBeNull();
    expect(record.layers).toEqual([]);
    const after = keepForLater(fromJSON(JSON.stringify(record)));
    expect(after.ledger).toBeNull();
    expect(unsignedZeros(await readings(after))).toEqual(unsignedZeros(await readings(explanation)));
  });

  test('numbers that are not finite are written as text', async () => {
    const bad = tf.mul(x, Number.NaN);
    const explanation = keepForLater(explain(model, bad, epsilon(), { ledger: false, keep: 'inputs', target: 0 }));
    const after = keepForLater(fromJSON(JSON.stringify(await explanation.toJSON())));
    expect((await numbers(after.target.scores)).every(Number.isNaN)).toBe(true);
    bad.dispose();
  });

  test('making and reading a record leave nothing behind', async () => {
    const explanation = keepForLater(explain(model, x, 'epsilon'));
    const before = tensorCount();
    const record = await explanation.toJSON();
    expect(tensorCount()).toBe(before);
    const after = fromJSON(record);
    expect(tensorCount()).toBe(before + tensorsIn(after).size);
    after.dispose();
    after.dispose();
    expect(tensorCount()).toBe(before);
    expect((await errorOf(() => after.layer('head'))).name).toBe('DisposedError');
  });

  test('a version that is not known', async () => {
    const explanation = keepForLater(explain(model, x, 'epsilon', { keep: 'inputs' }));
    const record: ExplanationRecord = await explanation.toJSON();
    const error = await errorOf(() => fromJSON({ ...record, version: 2 } as unknown as ExplanationRecord));
    expect(error).toMatchObject({ name: 'InputError' });
    expect(error.message).toMatchInlineSnapshot(
      `"This is no explanation of version 1: format tfjs-lrp/explanation, version 2."`,
    );
  });

  test('a damaged record is refused and leaves nothing behind', async () => {
    const explanation = keepForLater(explain(model, x, 'epsilon'));
    const record = await explanation.toJSON();
    const [output] = record.outputs;
    if (!output) throw new Error('no output');
    const cut = { ...record, outputs: [{ ...output, value: { shape: [1, 3], data: [1, 2] } }] };
    const error = await errorOf(() => fromJSON(cut));
    expect(error).toMatchObject({ name: 'InputError' });
    expect(error.message).toMatchInlineSnapshot(`"The record is damaged: 2 numbers for a tensor of shape [1, 3]."`);
    const text = await errorOf(() => fromJSON('{"format": '));
    expect(text).toMatchObject({ name: 'InputError' });
    expect(text.message).toContain('This text is no JSON');
  });
});
