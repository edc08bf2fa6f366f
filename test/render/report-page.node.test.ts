// The report in a real browser: accessible, offline, inert, printable. Needs Chromium; where there is none it says so.
import * as tf from '@tensorflow/tfjs-core';
import {
  model as functional,
  type LayersModel,
  layers,
  type SymbolicTensor,
  input as symbolic,
} from '@tensorflow/tfjs-layers';
import axe from 'axe-core';
import { type Browser, chromium } from 'playwright';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { explain, type Target, type TokenScore } from '../../src/index.js';
import { display, type ReportOptions, report, tokensHtml, tokensSvg, topBars } from '../../src/render/index.js';
import { findChromium } from './chromium.js';
import { fillWeights, noise, pictureModel, seriesModel, tableModel, textModel } from './models.js';

const executablePath = findChromium();
// The pages are the same on every backend.
const wanted = inject('backend') === 'cpu';
if (executablePath === undefined) {
  console.warn(
    'No Chromium found: the report is not checked in a browser. Install one, or set CHROMIUM=/path/to/chromium.',
  );
}

/** What axe finds wrong with a page, in words. */
async function violations(browser: Browser, html: string): Promise<string[]> {
  // axe is a script, which the policy of the page forbids.
  const context = await browser.newContext({ bypassCSP: true });
  const page = await context.newPage();
  await page.setContent(html);
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run();
    return violations.map(
      ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html.slice(0, 200)).join(' | ')}`,
    );
  });
  await context.close();
  return found;
}

/** The report on one input of a model, made and ended here, has nothing that axe finds. */
async function expectAccessible(
  browser: Browser,
  model: LayersModel,
  input: tf.Tensor | tf.Tensor[],
  options: ReportOptions,
  target?: Target,
): Promise<void> {
  const explanation = explain(model, input, 'epsilon', target === undefined ? {} : { target });
  expect(await violations(browser, await report(explanation, options))).toEqual([]);
  explanation.dispose();
  model.dispose();
}

const HOSTILE = [
  '<img src=x onerror="globalThis.hit=1">',
  '"><script>globalThis.hit=1</script>',
  "'><svg onload=globalThis.hit=1>",
];

describe.runIf(executablePath !== undefined && wanted)('in Chromium', () => {
  let browser: Browser;
  let html: string;
  beforeAll(async () => {
    browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: ['--no-sandbox'] });
    const model = pictureModel();
    const input = tf.tensor(noise(432, 5), [1, 12, 12, 3]);
    const explanation = explain(model, input, 'epsilon-gamma-box');
    const pictures = [await topBars([{ name: HOSTILE[0] ?? '', relevance: 1 }], { caption: HOSTILE[1] ?? '' })];
    html = await report(explanation, {
      labels: HOSTILE,
      input: { picture: input },
      pictures,
      settings: { note: HOSTILE[2] ?? '' },
    });
    explanation.dispose();
    input.dispose();
    model.dispose();
  });
  afterAll(() => browser.close());

  test('the report on a picture has no accessibility violation', async () => {
    expect(await violations(browser, html)).toEqual([]);
  });

  test('the report on a text, and what notebooks show, have none either', async () => {
    const model = textModel();
    const input = tf.tensor2d([[1, 2, 3, 4, 5]]);
    const explanation = explain(model, input, 'epsilon');
    const view = { input: { tokens: ['good', 'bad', '<i>', '日本', 'end'] } };
    expect(await violations(browser, await report(explanation, view))).toEqual([]);
    const shown = (await display(explanation, view)).html;
    const frame = `<!doctype html><html lang="en"><head><title>t</title></head><body><main><h1>Notebook</h1>${shown}</main></body></html>`;
    expect(await violations(browser, frame)).toEqual([]);
    explanation.dispose();
    input.dispose();
    model.dispose();
  });

  test('nor the report on a series, as lines and as a map', async () => {
    const values = tf.tensor(noise(16, 3), [8, 2]);
    await expectAccessible(browser, seriesModel(), values, { input: { values, names: ['speed', 'turn'] } });
    await expectAccessible(browser, seriesModel(), values, {});
  });

  test('nor on a row of a table', async () => {
    const values = tf.tensor1d([1, 2, 3, 4]);
    const input = { values, names: ['age', 'rooms', 'price', 'floor'] };
    await expectAccessible(browser, tableModel(), values, { input, labels: ['no', 'yes'] });
  });

  test('nor on several inputs and outputs, a map among them, with a relevance of zero', async () => {
    const [a, b] = [symbolic({ shape: [2], name: 'a' }), symbolic({ shape: [6, 6, 1], name: 'b' })];
    const flat = layers.flatten({ name: 'flat' }).apply(b) as SymbolicTensor;
    const joined = layers.concatenate({ name: 'join' }).apply([a, flat]) as SymbolicTensor;
    const map = layers.conv2d({ filters: 2, kernelSize: 3, name: 'map' }).apply(b) as SymbolicTensor;
    const [first, second] = ['first', 'second'].map(
      (name) => layers.dense({ units: 3, activation: 'softmax', name }).apply(joined) as SymbolicTensor,
    );
    if (!first || !second) throw new Error('two outputs expected');
    const model = fillWeights(functional({ inputs: [a, b], outputs: [map, first, second], name: 'several' }));
    const [left, picture] = [tf.tensor1d([0, 0]), tf.tensor(noise(36, 2), [6, 6, 1])];
    const inputs = { a: { names: ['height', 'width'], values: left }, b: { picture } };
    await expectAccessible(browser, model, [left, picture], { inputs, labels: ['x', 'y', 'z'] }, { output: 'second' });
  });

  test('axe would find something', async () => {
    expect(await violations(browser, '<html><body><img src="x.png"></body></html>')).not.toEqual([]);
  });

  test('asks for nothing from elsewhere, complains about nothing, runs nothing, prints', async () => {
    const page = await browser.newPage();
    const requests: string[] = [];
    const complaints: string[] = [];
    page.on('request', (request) => requests.push(request.url().slice(0, 60)));
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.setContent(html);
    expect(requests.filter((url) => !url.startsWith('data:'))).toEqual([]);
    expect(complaints).toEqual([]);
    expect(await page.evaluate('globalThis.hit')).toBeUndefined();
    expect(await page.locator('img, script, iframe').count()).toBe(0);
    expect((await page.pdf({ format: 'A4' })).subarray(0, 4).toString()).toBe('%PDF');
    await page.close();
  });

  test('fits a narrow page and a printed one: only tables scroll', async () => {
    for (const [width, media] of [
      [400, 'screen'],
      [700, 'print'],
    ] as const) {
      const page = await browser.newPage({ viewport: { width, height: 800 } });
      await page.emulateMedia({ media });
      await page.setContent(html);
      const wider = await page.evaluate(() => {
        const outside = [...document.querySelectorAll('svg, p, h1, h2, table')].filter((element) => {
          if (
            element.closest('.scroll') &&
            getComputedStyle(element.closest('.scroll') ?? element).overflowX === 'auto'
          )
            return false;
          return element.getBoundingClientRect().right > document.documentElement.clientWidth + 1;
        });
        return outside.map((element) => element.outerHTML.slice(0, 80));
      });
      expect(wider).toEqual([]);
      await page.close();
    }
  });

  test('hostile tokens are shown as they are, in a page without any policy', async () => {
    const tokens = HOSTILE.map((token, position): TokenScore => ({ token, position, relevance: position + 1 }));
    const page = await browser.newPage();
    await page.setContent(`${tokensHtml(tokens)}${tokensSvg(tokens, { caption: HOSTILE[1] ?? '' }).svg}`);
    expect(await page.locator('img, script, [onload], [onerror]').count()).toBe(0);
    expect(await page.evaluate('globalThis.hit')).toBeUndefined();
    expect(await page.locator('figure').innerText()).toContain(HOSTILE[0]);
    await page.close();
  });
});

test.runIf(executablePath === undefined)('without Chromium nothing of this is checked', () => {
  expect(findChromium()).toBeUndefined();
});
