// Explains the LSTM of the adding problem in three ways, and prints how well each tells the two numbers that were added.
// Run: npx tsx examples/adding/explain.ts
import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import { randomLcg } from 'd3-random';
import { plan, recurrent } from '../../src/index.js';
import { textTable } from '../../src/text-table.js';
import { gradientTimesInput, occlusion } from '../lib/attributions.js';
import { useWasm } from '../lib/backend.js';
import { beside } from '../lib/beside.js';
import { loadFrom } from '../lib/file-system.js';
import { correlation, mean } from '../lib/statistics.js';
import { percent, shareOn } from '../lib/truth.js';
import { inputsOf, lengths, markedNumbers, type Sequence, sequences } from './generate.js';

const perLength = 100;
/** Not the one of the training. */
const seed = 0.77;

/** What one way to explain says of one sequence. */
interface Explained {
  readonly sequence: Sequence;
  /** Relevance per time step. */
  readonly steps: readonly number[];
  readonly output: number;
}

/** Answers relevance per time step, `[batch, time]`, for a batch of sequences. */
type Method = (inputs: tf.Tensor3D) => tf.Tensor2D;

const sumFeatures = (relevance: tf.Tensor): tf.Tensor2D => tf.sum(relevance, 2);

/** LRP with the preset for recurrent networks, in which signals take all. The plan is made once and serves every length. */
function lrp(model: LayersModel, epsilon: number): Method {
  const reused = plan(model, recurrent({ epsilon }));
  return (inputs) =>
    tf.tidy(() => {
      const [input] = reused.explain(inputs).inputs;
      if (!input) throw new Error('The model has no input.');
      return sumFeatures(input.relevance);
    });
}

function methodsOf(model: LayersModel): Readonly<Record<string, Method>> {
  return {
    'LRP, ε = 1e-3 (default)': lrp(model, 1e-3),
    'LRP, ε = 1e-5': lrp(model, 1e-5),
    'gradient × input': (inputs) => tf.tidy(() => sumFeatures(gradientTimesInput(model, inputs))),
    occlusion: (inputs) => occlusion(model, inputs),
  };
}

async function explained(model: LayersModel, method: Method): Promise<Explained[]> {
  const random = randomLcg(seed);
  const all: Explained[] = [];
  for (const length of lengths) {
    const drawn = sequences(perLength, length, random);
    const inputs = inputsOf(drawn);
    const [relevance, outputs] = [method(inputs), model.predict(inputs) as tf.Tensor];
    const [steps, values] = [await relevance.data(), await outputs.data()];
    tf.dispose([inputs, relevance, outputs]);
    for (const [index, sequence] of drawn.entries()) {
      const own = [...steps.slice(index * length, (index + 1) * length)];
      all.push({ sequence, steps: own, output: values[index] ?? Number.NaN });
    }
  }
  return all;
}

/** One line of the table. */
function summary(name: string, found: readonly Explained[]): string[] {
  const atMarked = (which: 0 | 1) => {
    const relevance = found.map(({ sequence, steps }) => steps[sequence.marked[which]] ?? Number.NaN);
    return correlation(
      relevance,
      found.map(({ sequence }) => markedNumbers(sequence)[which] ?? Number.NaN),
    );
  };
  const sums = found.map(({ steps }) => steps.reduce((sum, value) => sum + value, 0));
  const gaps = found.map(({ output }, index) => (output - (sums[index] ?? Number.NaN)) ** 2);
  return [
    name,
    atMarked(0).toFixed(4),
    atMarked(1).toFixed(4),
    percent(mean(found.map(unmarkedShare))),
    mean(gaps).toExponential(1),
  ];
}

/** Share of the sizes of the relevance that lies on steps without a mark. */
function unmarkedShare({ sequence, steps }: Explained): number {
  return shareOn(
    steps,
    steps.map((_, time) => !sequence.marked.includes(time)),
  );
}

await useWasm();
const model = await loadLayersModel(loadFrom(beside(import.meta.url)('model')));
const found: [name: string, explained: Explained[]][] = [];
for (const [name, method] of Object.entries(methodsOf(model))) found.push([name, await explained(model, method)]);
console.log(`Sequences that the training has not seen, ${lengths.join(', ')} steps long`);
printTable('all of them', () => true);
printTable('numbers of the same sign, which do not cancel', (sequence) => {
  const [first = 0, second = 0] = markedNumbers(sequence);
  return first * second > 0;
});

function printTable(title: string, which: (sequence: Sequence) => boolean): void {
  const chosen = found.map(([name, all]) => [name, all.filter(({ sequence }) => which(sequence))] as const);
  const [, first = []] = chosen[0] ?? [];
  const uniform = percent(mean(first.map(({ sequence }) => 1 - 2 / sequence.numbers.length)));
  const head = ['', 'correlation, first number', 'second number', 'on unmarked steps', 'mean (output - sum)²'];
  const rows = chosen.map(([name, some]) => summary(name, some));
  console.log(`\n${first.length} sequences: ${title}\n`);
  console.log(textTable([head, ...rows, ['the same everywhere', '', '', uniform, '']], [1, 2, 3, 4]));
}
