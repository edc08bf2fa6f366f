// Explains both networks of the polarity example: does relevance fall on the words that decide, and with the right sign?
// Run: npx tsx examples/polarity/explain.ts
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { randomLcg } from 'd3-random';
import { explain } from '../../src/index.js';
import { textTable } from '../../src/text-table.js';
import { useWasm } from '../lib/backend.js';
import { beside } from '../lib/beside.js';
import { loadFrom } from '../lib/file-system.js';
import { rowsOf } from '../lib/rows.js';
import { mean } from '../lib/statistics.js';
import { percent, shareOn, uniformShare } from '../lib/truth.js';
import { type Phrase, type Sentence, sentences, tokensOf, truthOf } from './generate.js';
import { networkNames, rules } from './networks.js';

const count = 500;
/** Not the one of the training. */
const seed = 0.77;

/** Relevance per word: of the logit of "positive", so that praise should earn a positive and blame a negative share. */
async function wordRelevance(name: (typeof networkNames)[number], drawn: readonly Sentence[]): Promise<number[][]> {
  const model = await loadLayersModel(loadFrom(beside(import.meta.url)(`${name}/model`)));
  const tokens = tokensOf(drawn);
  const explanation = explain(model, tokens, rules[name]);
  const [input] = explanation.inputs;
  if (!input) throw new Error('The model has no input.');
  const rows = await rowsOf(input.relevance);
  explanation.dispose();
  tf.dispose(tokens);
  model.dispose();
  return rows;
}

/** Share of the phrases whose words together pull to the side they are known to pull to. */
function rightSigns(drawn: readonly Sentence[], relevance: readonly number[][], which: (phrase: Phrase) => boolean) {
  const right = drawn.flatMap(({ phrases }, index) =>
    phrases.filter(which).map(({ positions, pull }) => {
      const together = positions.reduce((sum, position) => sum + (relevance[index]?.[position] ?? Number.NaN), 0);
      return Number(Math.sign(together) === pull);
    }),
  );
  return percent(mean(right));
}

/** One sentence, each word with what it earned. */
function line({ tokens }: Sentence, relevance: readonly number[]): string {
  return tokens.map((token, position) => `${token} ${(relevance[position] ?? Number.NaN).toFixed(1)}`).join(' | ');
}

await useWasm();
const drawn = sentences(count, randomLcg(seed));
const truths = drawn.map(truthOf);
const rows: string[][] = [];
for (const name of networkNames) {
  const relevance = await wordRelevance(name, drawn);
  rows.push([
    `${name}, ${rules[name]}`,
    percent(mean(relevance.map((values, index) => shareOn(values, truths[index] ?? [])))),
    rightSigns(drawn, relevance, ({ negated }) => !negated),
    rightSigns(drawn, relevance, ({ negated }) => negated),
  ]);
  for (const index of [0, 1, 2]) {
    const [sentence, values] = [drawn[index], relevance[index]];
    if (sentence && values) console.log(`${name}: ${line(sentence, values)}`);
  }
}
const uniform = percent(mean(truths.map(uniformShare)));
console.log(`\n${count} sentences that the training has not seen\n`);
console.log(
  textTable(
    [
      ['', 'on words that decide', 'right sign, plain words', 'right sign, negated words'],
      ...rows,
      ['the same everywhere', uniform, '', ''],
    ],
    [1, 2, 3],
  ),
);
