import * as tf from '@tensorflow/tfjs-core';
import { input, layers, model as makeModel, type SymbolicTensor, sequential } from '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { epsilon, explain, InputError, MatchError } from '../../src/index.js';
import { collapse } from '../../src/render/flow/collapse.js';
import { drawFlow } from '../../src/render/flow/draw-flow.js';
import { type FlowGraph, readFlow } from '../../src/render/flow/flow-graph.js';
import { layerGraph } from '../../src/render/flow/layers.js';
import { nameLines } from '../../src/render/flow/names.js';
import { placeSpots } from '../../src/render/flow/place.js';
import { absorbedOf, flowDiagram } from '../../src/render/index.js';

/** Symbolic tensors of layers that have one output. */
const call = (
  layer: { apply(xs: SymbolicTensor | SymbolicTensor[]): unknown },
  xs: SymbolicTensor | SymbolicTensor[],
) =>
  // `apply` of symbolic tensors answers symbolic tensors.
  layer.apply(xs) as SymbolicTensor;

/** Two ways that meet again: `scores = dense(relu(a(x)) + x)`. */
function residual() {
  const x = input({ shape: [4], name: 'x' });
  const way = layers.dense({ units: 4, activation: 'relu', biasInitializer: 'randomNormal', name: 'way' });
  const relu = layers.activation({ activation: 'relu', name: 'relu' });
  const sum = call(layers.add({ name: 'sum' }), [call(way, x), x]);
  const scores = layers.dense({ units: 3, activation: 'softmax', biasInitializer: 'randomNormal', name: 'scores' });
  return makeModel({ name: 'residual', inputs: x, outputs: call(scores, call(relu, sum)) });
}

/** What each node gives on and absorbs, against what it received. */
function expectBalanced({ nodes, edges, starts }: FlowGraph) {
  const size = Math.max(...nodes.map((node) => Math.abs(node.received)));
  for (const node of nodes) {
    const handed = edges.filter((edge) => edge.to === node.id).reduce((sum, edge) => sum + edge.relevance, 0);
    expect(Math.abs(handed + (starts.get(node.id) ?? 0) - node.received)).toBeLessThan(2e-4 * size);
    if (node.isInput) continue;
    const given = edges.filter((edge) => edge.from === node.id).reduce((sum, edge) => sum + edge.relevance, 0);
    const lost = node.absorbed.reduce((sum, one) => sum + one.relevance, 0);
    expect(Math.abs(given + lost - node.received)).toBeLessThan(2e-4 * size);
  }
}

describe('the flow', () => {
  test('every node gives on and absorbs what it received, for each sample and for all', async () => {
    const model = residual();
    const xs = tf.tensor2d([
      [1, -2, 3, 4],
      [0.5, 1, -1, 2],
    ]);
    const explanation = explain(model, xs, 'epsilon');
    const before = tf.memory().numTensors;
    const ledger = await explanation.conservation();
    for (const sample of [undefined, 0, 1]) {
      const graph = await readFlow(explanation, ledger, sample);
      expect(graph.nodes.map(({ id }) => id)).toEqual(['x', 'way', 'sum', 'relu', 'scores']);
      expect(graph.edges.map(({ from, to }) => `${from}>${to}`).sort()).toEqual(
        ['relu>sum', 'scores>relu', 'sum>way', 'sum>x', 'way>x'].sort(),
      );
      expect([...graph.starts.keys()]).toEqual(['scores']);
      expectBalanced(graph);
      expectBalanced(collapse(graph));
      const scores = await explanation.target.scores.data();
      const started = sample === undefined ? (scores[0] ?? 0) + (scores[1] ?? 0) : (scores[sample] ?? 0);
      expect(graph.starts.get('scores')).toBeCloseTo(started, 4);
    }
    expect(tf.memory().numTensors).toBe(before);
    explanation.dispose();
    xs.dispose();
    model.dispose();
  });

  test('layers that hand all on join the layer below; layers with weights never', async () => {
    const model = residual();
    const xs = tf.tensor2d([[1, -2, 3, 4]]);
    const explanation = explain(model, xs, 'epsilon');
    const graph = collapse(await readFlow(explanation, await explanation.conservation()));
    expect(graph.nodes.map(({ addresses }) => addresses.join('+'))).toEqual(['x', 'way', 'sum+relu', 'scores']);
    expect(graph.edges.map(({ from, to }) => `${from}>${to}`).sort()).toEqual([
      'scores>sum',
      'sum>way',
      'sum>x',
      'way>x',
    ]);
    explanation.dispose();
    xs.dispose();
    model.dispose();
  });

  const weights = { recurrentInitializer: 'glorotNormal', biasInitializer: 'randomNormal' } as const;
  const lstm = (returnSequences = false) => layers.lstm({ units: 3, returnSequences, ...weights });
  // Makers of wrappers and stacks ask for classes that the makers of what they wrap do not declare.
  const wrapped = (layer: unknown) => layer as never;

  test.each([
    [
      'both directions',
      () => [layers.bidirectional({ layer: wrapped(lstm()), mergeMode: 'concat', inputShape: [4, 2] })],
    ],
    [
      'masked, one backwards',
      () => [
        layers.masking({ maskValue: 0, inputShape: [4, 2] }),
        lstm(true),
        layers.gru({ units: 3, goBackwards: true, ...weights }),
      ],
    ],
    [
      'cells on top of each other',
      () => {
        const cell = wrapped([layers.lstmCell({ units: 3, ...weights }), layers.gruCell({ units: 2, ...weights })]);
        return [layers.rnn({ cell, inputShape: [4, 2] })];
      },
    ],
    [
      'a sequence of sequences',
      () => [
        layers.reshape({ targetShape: [2, 2, 2], inputShape: [4, 2] }),
        layers.timeDistributed({ layer: wrapped(lstm()) }),
        layers.simpleRNN({ units: 3, ...weights }),
      ],
    ],
  ])('what is repeated over time is counted once: %s', async (_, inner) => {
    const model = sequential({ layers: [...inner(), layers.dense({ units: 2, biasInitializer: 'randomNormal' })] });
    const xs = tf.tensor3d([
      [
        [1, 2],
        [0, 0],
        [3, -1],
        [1, 1],
      ],
      [
        [0.5, 1],
        [2, -2],
        [0, 0],
        [1, 0.1],
      ],
    ]);
    const explanation = explain(model, xs);
    const ledger = await explanation.conservation();
    expectBalanced(await readFlow(explanation, ledger));
    const absorbed = absorbedOf(ledger).reduce((sum, one) => sum + one.relevance, 0);
    const moved = Math.abs(ledger.started) + Math.abs(ledger.arrived) + Math.abs(absorbed);
    expect(Math.abs(ledger.started - ledger.arrived - absorbed)).toBeLessThan(1e-5 * moved);
    explanation.dispose();
    xs.dispose();
    model.dispose();
  });

  test('several outputs of one shared layer, nested: every call is a node of its own', async () => {
    // Not random: with all units off there would be no relevance to follow.
    const kernelInitializer = 'ones';
    const shared = layers.dense({ units: 3, activation: 'relu', kernelInitializer, name: 'shared' });
    const inside = layers.dense({ units: 3, kernelInitializer, name: 'inside', inputShape: [3] });
    const inner = sequential({ name: 'inner', layers: [inside] });
    const x = input({ shape: [3], name: 'x' });
    const once = call(shared, x);
    const model = makeModel({ inputs: x, outputs: call(inner, call(shared, once)) });
    const xs = tf.tensor2d([[1, 2, 3]]);
    const explanation = explain(model, xs, 'epsilon-plus');
    const graph = await readFlow(explanation, await explanation.conservation());
    expect(graph.nodes.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['x', 'shared', 'shared#1', 'inner/inside']),
    );
    expectBalanced(graph);
    explanation.dispose();
    xs.dispose();
    model.dispose();
  });
});

describe('the picture', () => {
  test('says what every layer received and absorbed, widths in proportion', async () => {
    const dense = (units: number, name: string) => layers.dense({ units, name });
    const first = dense(2, 'first');
    const model = sequential({ name: 'net', layers: [layers.inputLayer({ inputShape: [2], name: 'x' }), first] });
    first.setWeights([
      tf.tensor2d([
        [1, 2],
        [3, 0],
      ]),
      tf.tensor1d([-4, 2]),
    ]);
    const xs = tf.tensor1d([2, 2]);
    const explanation = explain(model, xs, 'epsilon', { target: 0 });
    const { svg, alt } = await flowDiagram(explanation);
    // 4 = 2 + 6 - 4.
    expect(alt).toContain(
      'Started with 4; the inputs received x +8. Most was absorbed by biases of first −4 (−100 %).',
    );
    expect(svg).toContain('score 4');
    expect(svg).toContain('>Dense: 4<');
    expect(svg).toContain('>biases −4<');
    expect(svg).toContain('<title>first to x: +8</title>');
    const widths = [...svg.matchAll(/stroke-width="([\d.]+)"><title>/g)].map(([, width]) => Number(width));
    expect(widths).toEqual([30]);
    // The start is 4, half of the widest way.
    expect(svg).toMatch(/<path d="M[^"]*" fill="none" stroke="#[0-9a-f]{6}" stroke-width="15"\/>/);
    explanation.dispose();
    xs.dispose();
    model.dispose();
  });

  test('what a layer absorbed is told whole, the most first, or left out', async () => {
    const first = layers.dense({ units: 1, inputShape: [1], name: 'first' });
    const model = sequential({ layers: [first] });
    first.setWeights([tf.tensor2d([[8]]), tf.tensor1d([-4])]);
    const xs = tf.tensor1d([1]);
    const lines = async (stabilizer: number) => {
      const explanation = explain(model, xs, epsilon(stabilizer));
      const { svg } = await flowDiagram(explanation);
      explanation.dispose();
      return svg;
    };
    // 4 = 8 - 4, in parts of 4 + 12: the stabilizer takes 12 of 16, the bias -4.
    expect(await lines(12)).toContain('>stabilizers +3, biases −1<');
    // In parts of 4 + 0.1 the numbers have more digits than there is room for.
    expect(await lines(0.1)).toContain('>biases −3.9, …<');
    xs.dispose();
    model.dispose();
  });

  test('without ledger it says so; without layers it is an error', async () => {
    const model = residual();
    const xs = tf.tensor2d([[1, -2, 3, 4]]);
    const bare = explain(model, xs, 'epsilon', { ledger: false });
    expect((await flowDiagram(bare)).svg).toContain('What layers absorb is not shown');
    await expect(flowDiagram(bare, { sample: 1 })).rejects.toThrow(InputError);
    bare.dispose();
    const thin = explain(model, xs, 'epsilon', { keep: 'inputs' });
    await expect(flowDiagram(thin)).rejects.toThrow(MatchError);
    thin.dispose();
    xs.dispose();
    model.dispose();
  });
});

describe('layout', () => {
  /** A graph in which node i reads some of those before it. */
  const graphs = fc
    .array(fc.array(fc.nat(), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 25 })
    .map((reads): FlowGraph => {
      const ids = reads.map((_, index) => `n${index}`);
      const edges = reads.flatMap((list, index) =>
        index === 0 ? [] : list.map((pick) => ({ from: `n${index}`, to: `n${pick % index}`, relevance: 1 })),
      );
      const nodes = ids.map((id) => {
        return {
          id,
          addresses: [id],
          layerTypes: ['Dense'],
          received: 1,
          absorbed: [],
          handsOn: false,
          isInput: false,
        };
      });
      return { nodes, edges, starts: new Map() };
    });

  test('nothing overlaps, and every way goes down one row at a time', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const layered = layerGraph(graph, 200, 60);
        const { x, width } = placeSpots(layered);
        const rowOf = new Map(layered.rows.flat().map((spot) => [spot.id, spot.row]));
        for (const row of layered.rows) {
          const sorted = [...row].sort((a, b) => (x.get(a.id) ?? 0) - (x.get(b.id) ?? 0));
          for (const [index, spot] of sorted.entries()) {
            const left = (x.get(spot.id) ?? Number.NaN) - spot.width / 2;
            const before = sorted[index - 1];
            expect(left).toBeGreaterThan(before ? (x.get(before.id) ?? 0) + before.width / 2 : -1e-6);
            expect(left + spot.width).toBeLessThan(width + 1e-6);
          }
        }
        for (const { spots } of layered.routes) {
          const rows = spots.map((spot) => rowOf.get(spot) ?? Number.NaN);
          expect(rows).toEqual(rows.map((_, index) => (rows[0] ?? 0) + index));
        }
      }),
      { numRuns: 60 },
    );
  });

  test('a chain is a straight line', () => {
    const ids = ['a', 'b', 'c'];
    const nodes = ids.map((id) => {
      return { id, addresses: [id], layerTypes: ['Dense'], received: 1, absorbed: [], handsOn: false, isInput: false };
    });
    const edges = [
      { from: 'c', to: 'b', relevance: 1 },
      { from: 'b', to: 'a', relevance: 1 },
    ];
    const { x } = placeSpots(layerGraph({ nodes, edges, starts: new Map() }, 100, 10));
    expect([...x.values()]).toEqual([50, 50, 50]);
  });
});

describe('numbers of ways', () => {
  const node = (id: string, received: number) => {
    return { id, addresses: [id], layerTypes: ['Dense'], received, absorbed: [], handsOn: false, isInput: false };
  };

  test.each([2, 3, 5, 12])('of %i ways side by side stand on plates that leave each other room', (count) => {
    const relevance = Array.from({ length: count }, (_, index) => [0.00691, -0.0406, -0.432][index % 3] ?? 0);
    const nodes = [...relevance.map((value, index) => node(`way ${index}`, value)), node('join', -0.465)];
    const edges = relevance.map((value, index) => ({ from: 'join', to: `way ${index}`, relevance: value }));
    const { svg } = drawFlow({ nodes, edges, starts: new Map([['join', -0.465]]) }, 'logit');
    const plate = /<rect x="([^"]+)" y="([^"]+)" width="([^"]+)" height="([^"]+)" rx="3"/g;
    const plates = [...svg.matchAll(plate)].map(([, ...numbers]) => numbers.map(Number));
    expect(plates.length).toBe(count);
    for (const [index, [x = 0, y = 0, width = 0, height = 0]] of plates.entries()) {
      for (const [left = 0, top = 0, wide = 0, high = 0] of plates.slice(index + 1)) {
        const apart = x + width <= left || left + wide <= x || y + height <= top || top + high <= y;
        expect(apart).toBe(true);
      }
    }
  });
});

describe('names of layers', () => {
  const [size, width] = [10, 120]; // 20 letters

  test.each([
    [['dense_1'], ['dense_1']],
    [['encoder/block_1/query'], ['encoder/block_1/', 'query']],
    [['first_block_of_the_encoder/attention/query_projection'], ['first_block_of_the_e', '…on/query_projection']],
    [['conv', 'relu'], ['conv, relu']],
    [['conv', 'norm', 'relu'], ['conv … relu']],
    [
      ['block_2/convolution', 'block_2/activation'],
      ['block_2/convolution', 'block_2/activation'],
    ],
    [
      ['encoder/block_1/convolution', 'b', 'encoder/block_1/relu'],
      ['encoder/block_1/', 'convolution', '… coder/block_1/relu'],
    ],
  ])('%j stand in a box as %j', (names, lines) => {
    expect(nameLines(names, size, width)).toEqual(lines);
    for (const line of lines) expect([...line].length).toBeLessThanOrEqual(20);
  });

  test('a box has room for all its lines, and says its whole name on hover', () => {
    const id = 'residual_stage_2_block_1_convolution_first_of_several';
    const absorbed = [{ name: 'biases', relevance: 0.5 }];
    const node = { id, addresses: [id, `${id}/relu`], layerTypes: ['Conv2D', 'ReLU'], received: 1, absorbed };
    const graph = { nodes: [{ ...node, handsOn: false, isInput: false }], edges: [], starts: new Map() };
    const { svg } = drawFlow(graph, 'logit');
    const [, top = '', height = ''] = /<rect x="[^"]*" y="([^"]*)" width="224" height="([^"]*)"/.exec(svg) ?? [];
    const lines = [...svg.matchAll(/<text x="[^"]*" y="([^"]*)"/g)].map(([, y]) => Number(y));
    expect(lines).toHaveLength(5);
    expect(Math.min(...lines) - 12).toBeGreaterThanOrEqual(Number(top));
    expect(Math.max(...lines) + 4).toBeLessThanOrEqual(Number(top) + Number(height));
    expect(svg).toContain(`<title>${id} (Conv2D), ${id}/relu (ReLU): received +1; biases +0.5</title>`);
  });
});
