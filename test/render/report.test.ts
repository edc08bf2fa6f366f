import * as tf from '@tensorflow/tfjs-core';
import {
  model as functional,
  layers,
  type SymbolicTensor,
  sequential,
  input as symbolic,
} from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Explanation, explain, fromJSON, InputError, MatchError, plan, version } from '../../src/index.js';
import { display, heatmap, report, type Showable, show, topBars } from '../../src/render/index.js';
import { noise, pictureModel, seriesModel, tableModel, textModel } from './models.js';

const date = new Date('2026-03-01T12:00:00Z');

/** What an explanation of a model on noise leaves, with the report of it. */
async function reportOf(
  model: ReturnType<typeof pictureModel>,
  input: tf.Tensor,
  make: (explanation: Explanation) => Promise<string>,
): Promise<string> {
  const explanation = explain(model, input, 'epsilon');
  const before = tf.memory().numTensors;
  const html = await make(explanation);
  expect(tf.memory().numTensors).toBe(before);
  explanation.dispose();
  input.dispose();
  model.dispose();
  return html;
}

const headings = (html: string) =>
  [...html.matchAll(/<h([1-6])[^>]*>([^<]*)<\/h/g)].map(([, level, text]) => `${level} ${text}`);

/** The cells of a table's rows, by the text of its caption. */
function tableOf(html: string, caption: string): string[][] {
  const table = html.split('<table>').find((part) => part.startsWith(`<caption>${caption}`)) ?? '';
  const [, body = ''] = /<tbody>(.*?)<\/tbody>/s.exec(table) ?? [];
  return [...body.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row = '']) =>
    [...row.matchAll(/<t[hd][^>]*>([^<]*)<\/t[hd]>/g)].map(([, cell]) => cell ?? ''),
  );
}

describe('a report on a picture', () => {
  let html: string;
  beforeAll(async () => {
    const input = tf.tensor(noise(432, 5), [1, 12, 12, 3]);
    const picture = input.clone();
    html = await reportOf(pictureModel(), input, (explanation) =>
      report(explanation, {
        labels: ['cat', 'dog', '<fox>'],
        input: { picture },
        settings: { 'model file': 'v3 & later' },
        date,
      }),
    );
    picture.dispose();
  });

  test('has all parts, in order, under one heading', () => {
    expect(headings(html)).toEqual([
      '1 Explanation of “pictures”',
      '2 Prediction',
      '2 Relevance',
      '2 How to read this',
      '2 Flow of relevance',
      '2 Plan',
      '2 Ledger',
      '2 Settings and versions',
    ]);
  });

  test('lists every unit with score and probability, strongest first', () => {
    const rows = tableOf(html, 'Output “scores”');
    expect(rows).toHaveLength(3);
    const scores = rows.map(([, score = '']) => Number(score.replace('−', '-')));
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    const total = scores.reduce((sum, score) => sum + Math.exp(score), 0);
    for (const [, score = '', probability = ''] of rows) {
      expect(Math.abs(Number(probability) - Math.exp(Number(score.replace('−', '-'))) / total)).toBeLessThan(0.005);
    }
    expect(rows.map(([name]) => name).sort()).toEqual(['&lt;fox&gt; (unit 2)', 'cat (unit 0)', 'dog (unit 1)']);
  });

  test('has one row of the plan for every step, and of the ledger for every step with a rule', () => {
    expect(tableOf(html, 'Plan of').map(([address]) => address)).toContain('conv_2:activation');
    const ledger = tableOf(html, 'Ledger');
    expect(ledger.map(([address]) => address)).toEqual(
      expect.arrayContaining(['scores', 'flatten', 'conv_2', 'pool', 'conv_1']),
    );
    expect(html).toContain('The account is closed');
  });

  test('says what it was made with', () => {
    const settings = Object.fromEntries(tableOf(html, 'Settings and versions').map(([name, value]) => [name, value]));
    expect(settings).toMatchObject({
      model: 'pictures',
      rules: 'epsilon',
      'TensorFlow.js': tf.version_core,
      'tfjs-lrp': version,
      backend: tf.getBackend(),
      'made on': '2026-03-01T12:00:00.000Z',
      'model file': 'v3 &amp; later',
    });
  });

  test('every picture has a text alternative', () => {
    const pictures = [...html.matchAll(/<svg[^>]*>/g)].map(([tag]) => tag).filter((tag) => !tag.includes('role="img"'));
    expect(pictures).toEqual([]);
    expect(html).toContain('aria-label="Relevance of input “conv_1_input”. Heatmap, 12 wide and 12 high');
  });

  test('needs nothing from elsewhere and runs nothing', () => {
    expect(html.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:\/\//);
    expect(html).not.toMatch(/<(script|iframe|object|embed|link|base|form)\b/i);
    expect(html).not.toMatch(/\son[a-z]+=/i);
    expect(html).toContain("default-src 'none'");
  });
});

describe('the picture follows the input', () => {
  test('features: bars', async () => {
    const html = await reportOf(tableModel(), tf.tensor2d([[1, 2, 3, 4]]), (explanation) =>
      report(explanation, { input: { names: ['age', 'rooms', 'price', 'floor'] } }),
    );
    expect(html).toContain('Bars of relevance, in units of the logit, strongest first.');
    const [[, score = '', probability = ''] = []] = tableOf(html, 'Output “score”');
    expect(Number(probability)).toBeCloseTo(1 / (1 + Math.exp(-Number(score.replace('−', '-')))), 2);
  });

  test('series: lines where values are given, else a heatmap', async () => {
    const values = tf.tensor(noise(16, 3), [8, 2]);
    const lines = await reportOf(seriesModel(), values.clone(), (explanation) =>
      report(explanation, { input: { values, names: ['a', 'b'] } }),
    );
    expect(lines).toContain('Series of 8 steps');
    const map = await reportOf(seriesModel(), tf.tensor(noise(16, 3), [1, 8, 2]), (explanation) => report(explanation));
    expect(map).toContain('8 time steps by 2 features');
    values.dispose();
  });

  test('tokens: coloured text', async () => {
    const html = await reportOf(textModel(), tf.tensor2d([[1, 2, 3, 4, 5]]), (explanation) =>
      report(explanation, { inputs: { embedding_input: { tokens: ['a', 'b', '<i>c</i>', 'd', 'e'] } } }),
    );
    expect(html).toContain('&lt;i&gt;c&lt;/i&gt;<span');
  });

  test('padding: a sentence in place of empty words', async () => {
    const html = await reportOf(textModel(), tf.tensor2d([[0, 0, 3, 4, 5]]), (explanation) =>
      report(explanation, { input: { tokens: ['', '', 'c', 'd', 'e'] } }),
    );
    expect(html).not.toContain('␣');
    expect(html).toMatch(/Positions without a token earned [+−][\d.]+/);
  });

  test('a lone unit speaks for the second of two labels', async () => {
    const model = sequential({ layers: [layers.dense({ units: 1, activation: 'sigmoid', inputShape: [2] })] });
    const html = await reportOf(model, tf.tensor1d([1, 2]), (explanation) =>
      report(explanation, { labels: ['negative', 'positive'] }),
    );
    expect(html).toContain('of unit 0 (“positive, against negative”) of output ');
    expect(html).toContain('positive, against negative (unit 0)');
  });

  test('of several outputs the explained one has the names', async () => {
    const input = symbolic({ shape: [2] });
    const ends = ['one', 'two'].map((name) => layers.dense({ units: 2, name }).apply(input) as SymbolicTensor);
    const values = tf.tensor1d([1, 2]);
    const map = layers.reshape({ targetShape: [1, 2], name: 'map' }).apply(input) as SymbolicTensor;
    const several = functional({ inputs: input, outputs: [map, ...ends] });
    const explanation = explain(several, values, 'epsilon', { target: { output: 'two', unit: 1 } });
    const html = await report(explanation, { labels: ['cat', 'dog'] });
    expect(
      tableOf(html, 'Output “two”')
        .map(([name]) => name)
        .sort(),
    ).toEqual(['cat (unit 0)', 'dog (unit 1)']);
    expect(
      tableOf(html, 'Output “one”')
        .map(([name]) => name)
        .sort(),
    ).toEqual(['unit 0', 'unit 1']);
    expect(html.indexOf('<caption>Output “two”')).toBeLessThan(html.indexOf('<caption>Output “one”'));
    expect(html).toContain('Outputs whose numbers are not listed: “map” 1 × 2.');
    tf.dispose([values]);
    explanation.dispose();
    several.dispose();
  });

  test('units inside of the model have no names', async () => {
    const model = pictureModel();
    const input = tf.tensor(noise(432, 5), [1, 12, 12, 3]);
    const explanation = explain(model, input, 'epsilon', { target: { layer: 'flatten', unit: 1 } });
    const html = await report(explanation, { labels: ['cat', 'dog', 'fox'] });
    expect(html).toMatch(/Explained: score [^ ]+ of unit 1 of layer &quot;flatten&quot;, rules epsilon\./);
    explanation.dispose();
    input.dispose();
    model.dispose();
  });

  test('a lone list of many numbers: a line under the name of its input', async () => {
    const model = sequential({
      layers: [layers.inputLayer({ inputShape: [40], name: 'trace' }), layers.dense({ units: 1, useBias: false })],
    });
    const values = tf.tensor1d(noise(40, 9));
    const html = await reportOf(model, values.clone(), (explanation) => report(explanation, { input: { values } }));
    expect(html).toContain('Series of 40 steps with relevance, in units of the score. trace: ');
    values.dispose();
  });

  test('says how much of the score the inputs got', async () => {
    const dense = layers.dense({ units: 1, inputShape: [2], useBias: true });
    const model = sequential({ layers: [dense] });
    dense.setWeights([tf.tensor2d([[2], [1]]), tf.tensor1d([4])]);
    const html = await reportOf(model, tf.tensor1d([1, 3]), (explanation) => report(explanation));
    // 2 · 1 + 1 · 3 of the inputs, 4 of the bias.
    expect(html).toContain('<p>Of 9 the inputs got 5; the rest: biases 4.</p>');
  });

  test('of the sample that was asked for', async () => {
    const model = tableModel();
    const input = tf.tensor2d([
      [1, 0, 0, 0],
      [0, 0, 0, 1],
    ]);
    const explanation = explain(model, input, 'epsilon');
    const [first, second] = [await report(explanation, { date }), await report(explanation, { sample: 1, date })];
    expect(first).not.toBe(second);
    expect(second).toContain('Ledger, sums over 2 samples');
    await expect(report(explanation, { sample: 2 })).rejects.toThrow(MatchError);
    await expect(report(explanation, { sample: -1 })).rejects.toThrow(MatchError);
    explanation.dispose();
    input.dispose();
    model.dispose();
  });

  test('without ledger and layers the page says so', async () => {
    const model = tableModel();
    const input = tf.tensor1d([1, 2, 3, 4]);
    const explanation = explain(model, input, 'epsilon', { ledger: false, keep: 'inputs' });
    const html = await report(explanation);
    expect(html).toContain('made without a ledger');
    expect(html).toContain('was not kept');
    explanation.dispose();
    input.dispose();
    model.dispose();
  });

  test('an explanation that was written and read again gives the same page', async () => {
    const model = tableModel();
    const input = tf.tensor1d([1, 2, 3, 4]);
    const explanation = explain(model, input, 'epsilon');
    const again = fromJSON(JSON.stringify(await explanation.toJSON()));
    expect(await report(again, { date })).toBe(await report(explanation, { date }));
    again.dispose();
    explanation.dispose();
    input.dispose();
    model.dispose();
  });
});

test('names of the model and labels are shown, not run', async () => {
  const evil = '<img src=x onerror=hit()>';
  const model = sequential({ name: evil, layers: [layers.dense({ units: 2, inputShape: [2] })] });
  const input = tf.tensor1d([1, 2]);
  const explanation = explain(model, input, 'epsilon');
  const html = await report(explanation, { title: evil, labels: [evil, evil], settings: { [evil]: evil } });
  expect(html).not.toContain('<img');
  expect(html).toContain('&lt;img src=x onerror=hit()&gt;');
  explanation.dispose();
  input.dispose();
  model.dispose();
});

describe('display', () => {
  const model = pictureModel();
  const input = tf.tensor(noise(432, 5), [1, 12, 12, 3]);
  const explanation = explain(model, input, 'epsilon');
  afterAll(() => {
    explanation.dispose();
    input.dispose();
    model.dispose();
  });

  test('an explanation: what one looks at first, the rest folded', async () => {
    const { html } = await display(explanation, { input: { picture: input } });
    expect([...html.matchAll(/<summary>([^<]*)<\/summary>/g)].map(([, text]) => text)).toEqual([
      'How to read this',
      'Flow of relevance',
      'Plan',
      'Ledger',
      'Settings and versions',
    ]);
    expect(html.indexOf('Output “scores”')).toBeLessThan(html.indexOf('<details>'));
  });

  test('a plan, its summary, and a ledger: tables', async () => {
    const planned = plan(model, 'epsilon');
    for (const one of [planned, explanation.plan])
      expect((await display(one)).html).toContain('<caption>Plan of “pictures”');
    expect((await display(await explanation.conservation())).html).toContain('<caption>Ledger');
    planned.dispose();
  });

  test('pictures, with pixels where there are any; HTML as it is', async () => {
    const map = await display(await heatmap(explanation));
    expect(map.svg).toContain('<svg');
    expect(map.png?.[1]).toBe(80);
    const bars = await display(await topBars([{ name: 'a', relevance: 1 }]));
    expect(bars.svg).toContain('<svg');
    expect(bars.png).toBeUndefined();
    expect(await display('<b>mine</b>')).toEqual({ html: '<b>mine</b>' });
  });

  test('one call shows', async () => {
    const shown: string[] = [];
    await show(explanation.plan, { html: (text) => shown.push(text) });
    expect(shown).toEqual([(await display(explanation.plan)).html]);
  });

  test('anything else is an error', async () => {
    // What a call from JavaScript may hand over.
    await expect(display({} as Showable)).rejects.toThrow(InputError);
  });
});
