// The presets for attention against the stored references, which are models assembled from Dense, Dot and Softmax.
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { explain, type PresetName } from '../../src/index.js';
import { at, numbers, relativeDifference } from '../explanation/tools.js';
import { openCase } from '../golden/check-case.js';
import { buildModel, loadCases } from '../golden/load-case.js';

const PRESETS: Readonly<Record<string, PresetName>> = { attnlrp: 'attn-lrp', cp_lrp: 'cp-lrp' };

const folder = fileURLToPath(new URL('../golden/cases', import.meta.url));
const cases = loadCases(folder).filter(({ name }) => name.startsWith('attention_'));

describe.each(cases.map((golden) => [golden.name, golden] as const))('%s', (_name, golden) => {
  test.each(golden.expected.expectations.map((one) => [one.name, one] as const))('%s', async (name, expectation) => {
    const { model, inputs } = openCase(golden, await buildModel(golden));
    const [start] = expectation.output_relevance;
    const given = tf.tensor([...(start?.data ?? [])], [...(start?.shape ?? [])]);
    const explanation = explain(model, inputs, PRESETS[name] ?? name, { target: { output: 0 }, start: given });
    const [expected] = Object.values(expectation.relevance);
    const actual = await numbers(at(explanation.inputs, 0).relevance);
    expect(relativeDifference(actual, expected?.data ?? [])).toBeLessThan(1e-4);
    expect((await explanation.conservation()).verdict).toBe('closed');
    for (const one of [explanation, model, given, ...inputs]) one.dispose();
  });
});
