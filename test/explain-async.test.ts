// The asynchronous way: progress, the event loop's turn, stopping, and several runs at once.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterAll, describe, expect, test } from 'vitest';
import { type AsyncOptions, explain, explainAsync, flowRule, type Progress, plan } from '../src/index.js';
import { cnn, residualNet } from './explanation/nets.js';
import {
  apply,
  at,
  errorOf,
  numbers,
  randomizeWeights,
  randomTensor,
  readings,
  tensorCount,
} from './explanation/tools.js';

/** Dense layers one after another: many short steps. */
function deep(layers: number, units = 8): tfl.LayersModel {
  const input = tfl.input({ shape: [units], name: 'x' });
  let y = input;
  for (let layer = 0; layer < layers; layer++) {
    y = apply(tfl.layers.dense({ units, activation: 'tanh', name: `d${layer}` }), y);
  }
  const model = tfl.model({ inputs: input, outputs: y, name: 'deep' });
  randomizeWeights(model, 5);
  return model;
}

const net = residualNet();
const x = randomTensor([2, 12, 12, 3], 1);
const model = deep(40);
const row = randomTensor([1, 8], 2);
afterAll(() => tf.dispose([x, row]));

/** What a run reports; each report is passed on. */
function recorder(then: (progress: Progress) => void = () => {}) {
  const seen: Progress[] = [];
  const onProgress = (progress: Progress) => {
    seen.push(progress);
    then(progress);
  };
  return { seen, onProgress };
}

describe('progress', () => {
  test('counts every step of both phases, in order', async () => {
    const { seen, onProgress } = recorder();
    const explanation = await explainAsync(net, x, 'epsilon', { onProgress });
    const total = at(seen, 0).total;
    expect(seen.map(({ done }) => done)).toEqual(Array.from({ length: total }, (_, index) => index + 1));
    expect(new Set(seen.map((progress) => progress.total))).toEqual(new Set([total]));
    const steps = explanation.plan.rows.filter((one) => one.rule !== '-').map((one) => one.address);
    expect(total).toBe(2 * steps.length);
    expect(seen.slice(0, steps.length).map(({ phase, address }) => `${phase} ${address}`)).toEqual(
      steps.map((address) => `forward ${address}`),
    );
    expect(seen.slice(steps.length).map(({ phase, address }) => `${phase} ${address}`)).toEqual(
      [...steps].reverse().map((address) => `backward ${address}`),
    );
    explanation.dispose();
  });

  test('a listener that throws ends the run, and nothing is left', async () => {
    const { onProgress } = recorder(({ done }) => {
      if (done === 30) throw new Error('mine');
    });
    const error = await errorOf(() => explainAsync(net, x, 'epsilon', { onProgress }));
    expect(error.message).toBe('mine');
  });
});

describe('the event loop', () => {
  test('gets its turn during a long run', async () => {
    // Each report takes some milliseconds, as a larger model would.
    const { seen, onProgress } = recorder(() => busyFor(3));
    let turns = 0;
    let whileRunning = 0;
    const timer = setInterval(() => {
      turns++;
      whileRunning = seen.length;
    }, 0);
    const explanation = await explainAsync(model, row, 'epsilon', { onProgress });
    clearInterval(timer);
    expect(seen.length).toBe(at(seen, 0).total);
    // 160 steps of 3 ms, a turn every 12 ms or so.
    expect(turns).toBeGreaterThan(10);
    expect(whileRunning).toBeGreaterThan(0);
    expect(whileRunning).toBeLessThan(seen.length + 1);
    explanation.dispose();
  });
});

describe('stopping', () => {
  test('before it begins', async () => {
    const controller = new AbortController();
    controller.abort();
    const { seen, onProgress } = recorder();
    const error = await errorOf(() => explainAsync(net, x, 'epsilon', { signal: controller.signal, onProgress }));
    expect(error).toMatchObject({ name: 'AbortError', code: 'aborted' });
    expect(error.message).toMatchInlineSnapshot(`"The explanation was aborted before it began."`);
    expect(seen).toEqual([]);
  });

  test.each(['forward', 'backward'] as const)('midway, %s', async (phase) => {
    const controller = new AbortController();
    const { seen, onProgress } = recorder((progress) => {
      if (progress.phase === phase && progress.done % 20 === 7) controller.abort();
    });
    const error = await errorOf(() => explainAsync(model, row, 'epsilon', { signal: controller.signal, onProgress }));
    const last = at(seen, seen.length - 1);
    expect(last.phase).toBe(phase);
    expect(last.done).toBeLessThan(last.total);
    expect(error).toMatchObject({ name: 'AbortError', code: 'aborted' });
    expect(error.message).toBe(
      `The explanation was aborted at step ${last.done} of ${last.total} (${phase}, ${last.address}).`,
    );
  });

  test('at every single step nothing is left behind', async () => {
    const { seen, onProgress } = recorder();
    (await explainAsync(net, x, 'epsilon-gamma-box', { onProgress })).dispose();
    const total = seen.length;
    for (let stop = 1; stop < total; stop += 3) {
      const controller = new AbortController();
      const { onProgress: count } = recorder(({ done }) => {
        if (done === stop) controller.abort();
      });
      const made = plan(net, 'epsilon-gamma-box');
      const error = await errorOf(async () => {
        try {
          await made.explainAsync(x, { signal: controller.signal, onProgress: count });
        } finally {
          made.dispose();
        }
      });
      expect(error.name).toBe('AbortError');
      expect(error.message).toContain(`at step ${stop} of ${total}`);
    }
  });

  test('after it is over changes nothing', async () => {
    const controller = new AbortController();
    const explanation = await explainAsync(net, x, 'epsilon', { signal: controller.signal });
    controller.abort();
    expect((await explanation.conservation()).verdict).toBe('closed');
    explanation.dispose();
  });

  test('when the time is over', async () => {
    const { seen, onProgress } = recorder(() => busyFor(2));
    const error = await errorOf(() => explainAsync(model, row, 'epsilon', { timeBudget: 20, onProgress }));
    const last = at(seen, seen.length - 1);
    expect(error).toMatchObject({ name: 'AbortError', code: 'aborted' });
    expect(error.message).toBe(
      `The time budget of 20 ms ran out at step ${last.done} of ${last.total} (${last.phase}, ${last.address}). Nothing was kept.`,
    );
    expect(last.done).toBeLessThan(last.total);
  });

  test('not when there is time', async () => {
    const explanation = await explainAsync(model, row, 'epsilon', { timeBudget: 60_000 });
    const same = explain(model, row, 'epsilon');
    expect(await readings(explanation)).toEqual(await readings(same));
    explanation.dispose();
    same.dispose();
  });
});

describe('errors arrive as rejections, never thrown at once', () => {
  const cases: [string, () => Promise<unknown>, string][] = [
    ['a plan', () => explainAsync(tfl.sequential({ name: 'empty' }), x), 'PlanError'],
    ['an input', () => explainAsync(net, row), 'InputError'],
    ['a target', () => explainAsync(net, x, 'epsilon', { target: 99 }), 'TargetError'],
    ['a rule', () => explainAsync(net, x, 'nothing'), 'RuleError'],
    ['a layer to keep', () => explainAsync(net, x, 'epsilon', { keep: ['nothing'] }), 'MatchError'],
    [
      'a rule of one’s own',
      () =>
        explainAsync(net, x, {
          b_add: flowRule('mine', {
            on: ['linear'],
            redistribute: () => {
              throw new TypeError('mine');
            },
          }),
        }),
      'TypeError',
    ],
  ];
  test.each(cases)('%s', async (_what, run, name) => {
    const before = tensorCount();
    await expect(run()).rejects.toMatchObject({ name });
    expect(tensorCount()).toBe(before);
  });
});

describe('one plan, several runs at once', () => {
  const xs = [1, 2, 3, 4].map((seed) => randomTensor([1, 12, 12, 3], seed));
  afterAll(() => tf.dispose(xs));
  /** Slow enough that the runs take turns. */
  const slow: AsyncOptions = { onProgress: () => busyFor(1) };

  test('each gives what it gives alone', async () => {
    const made = plan(net, 'epsilon-gamma-box');
    const alone = xs.map((one) => made.explain(one));
    const before = tensorCount();
    const order: number[] = [];
    const together = await Promise.all(
      xs.map((one, index) =>
        made.explainAsync(one, {
          onProgress: () => {
            order.push(index);
            busyFor(1);
          },
        }),
      ),
    );
    // They did take turns.
    expect(order.filter((run, place) => place > 0 && run !== order[place - 1]).length).toBeGreaterThan(xs.length);
    for (const [index, explanation] of together.entries()) {
      expect(await readings(explanation)).toEqual(await readings(at(alone, index)));
      expect(`${await explanation.conservation()}`).toBe(`${await at(alone, index).conservation()}`);
      explanation.dispose();
    }
    expect(tensorCount()).toBe(before);
    for (const explanation of alone) explanation.dispose();
    made.dispose();
  });

  test('stopping one leaves the others alone', async () => {
    const made = plan(net, 'epsilon');
    const expected = made.explain(at(xs, 1));
    const controller = new AbortController();
    const stopped = made.explainAsync(at(xs, 0), {
      signal: controller.signal,
      onProgress: ({ done }) => {
        busyFor(1);
        if (done === 20) controller.abort();
      },
    });
    const [first, second] = await Promise.allSettled([stopped, made.explainAsync(at(xs, 1), slow)]);
    expect(first).toMatchObject({ status: 'rejected', reason: { name: 'AbortError' } });
    if (second?.status !== 'fulfilled') throw new Error('the second run should have gone on');
    expect(await readings(second.value)).toEqual(await readings(expected));
    second.value.dispose();
    expected.dispose();
    made.dispose();
  });

  test('synchronous runs in between, and a tidy around them, do no harm', async () => {
    const made = plan(net, 'epsilon');
    const expected = made.explain(at(xs, 0));
    const explanation = await made.explainAsync(at(xs, 0), {
      onProgress: ({ done }) => {
        if (done % 10 === 0) tf.tidy(() => void made.explain(at(xs, 1)));
      },
    });
    expect(await readings(explanation)).toEqual(await readings(expected));
    explanation.dispose();
    expected.dispose();
    made.dispose();
  });

  test('a plan that is disposed while it runs', async () => {
    const made = plan(net, 'epsilon-plus');
    const error = await errorOf(() =>
      made.explainAsync(at(xs, 0), {
        onProgress: ({ done }) => {
          if (done === 5) made.dispose();
        },
      }),
    );
    expect(error).toMatchObject({ name: 'DisposedError', code: 'disposed' });
  });

  test('an input that is disposed while it runs', async () => {
    const gone = randomTensor([1, 12, 12, 3], 9);
    const made = plan(net, 'epsilon');
    made.explain(gone).dispose();
    const before = tensorCount();
    await made
      .explainAsync(gone, {
        onProgress: ({ done }) => {
          if (done === 3) gone.dispose();
        },
      })
      .then(
        (explanation) => explanation.dispose(),
        () => {},
      );
    // Whether the input was still needed or not: nothing is left.
    expect(tensorCount()).toBe(before - 1);
    made.dispose();
  });
});

test('the large network gives the same both ways', async () => {
  const large = cnn();
  const image = randomTensor([28, 28, 3], 7);
  const [now, later] = [explain(large, image), await explainAsync(large, image, undefined, { check: true })];
  expect(await numbers(at(later.inputs, 0).relevance)).toEqual(await numbers(at(now.inputs, 0).relevance));
  now.dispose();
  later.dispose();
  image.dispose();
});

function busyFor(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}
