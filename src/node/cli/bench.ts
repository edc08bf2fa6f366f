import * as tf from '@tensorflow/tfjs-core';
import { AbortError, LrpError, type Plan, presetNames } from '../../index.js';
import type { InputPort } from '../read/model-input.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import type { Io } from './io.js';
import { type CommonOptions, planOf, type Subject, withSubject } from './subject.js';

/** Options of `bench`. */
export interface BenchOptions extends Omit<CommonOptions, 'rules'> {
  readonly rules?: readonly string[];
  readonly runs: number;
  readonly batch: number;
}

const HEAD = ['rules', 'plan ms', 'first call ms', 'explain ms', 'explain / predict'];

/** Measures explanations of random inputs in units of one prediction. */
export function benchCommand(path: string, options: BenchOptions, io: Io): Promise<ExitCode> {
  const { rules: _, ...common } = options;
  return withSubject(path, common, io, async (subject) => {
    const inputs = subject.inputs.map((port, index) => randomInput(port, options.batch, index));
    try {
      const predict = await predictTime(subject, inputs, options.runs);
      const heading = `predict: ${predict.toFixed(1)} ms, median of ${options.runs}, batch ${options.batch}`;
      io.out(`${heading}, ${options.backend}\n`);
      const rows = [HEAD];
      for (const rules of options.rules ?? presetNames) {
        if (io.signal.aborted) throw new AbortError('The measurement was interrupted.');
        io.status(rules);
        rows.push(await rowOf(subject, options, rules, inputs, predict));
      }
      io.status('');
      io.out(aligned(rows));
      return EXIT.done;
    } finally {
      tf.dispose(inputs);
    }
  });
}

async function rowOf(
  subject: Subject,
  options: BenchOptions,
  rules: string,
  inputs: readonly tf.Tensor[],
  predict: number,
): Promise<string[]> {
  const planning = stopwatch();
  const planned = tryPlan(subject, options, rules);
  if (!(planned instanceof Object && 'explain' in planned)) return [rules, planned, '', '', ''];
  const plan = planning();
  const target = subject.model.outputs.length > 1 ? { target: { output: subject.model.outputs.length - 1 } } : {};
  const explain = async () => {
    const explanation = planned.explain(inputs, target);
    await explanation.target.scores.data();
    explanation.dispose();
  };
  const first = await timed(explain);
  const times: number[] = [];
  for (let run = 0; run < options.runs; run++) times.push(await timed(explain));
  planned.dispose();
  const explains = median(times);
  return [rules, ...[plan, first, explains].map((ms) => ms.toFixed(1)), (explains / predict).toFixed(2)];
}

/** A plan, or why these rules do not fit the model. */
function tryPlan(subject: Subject, { rules: _, ...options }: BenchOptions, rules: string): Plan | string {
  try {
    return planOf(subject, options, rules);
  } catch (error) {
    if (error instanceof LrpError && error.code === 'plan') return 'does not fit';
    throw error;
  }
}

async function predictTime({ model }: Subject, inputs: readonly tf.Tensor[], runs: number): Promise<number> {
  const predict = async () => {
    const answer = model.predict(inputs.length === 1 && inputs[0] ? inputs[0] : [...inputs]);
    await Promise.all([answer].flat().map((output) => output.data()));
    tf.dispose(answer);
  };
  // The first call compiles and packs.
  await predict();
  const times: number[] = [];
  for (let run = 0; run < runs; run++) times.push(await timed(predict));
  return median(times);
}

/** Numbers from 0 to 1, or numbers of words; axes of any length get a modest one. */
function randomInput({ shape, categories }: InputPort, batch: number, seed: number): tf.Tensor {
  const sizes = [batch, ...shape.slice(1).map((length) => length ?? 32)];
  if (categories === null) return tf.randomUniform(sizes, 0, 1, 'float32', seed + 1);
  return tf.tidy(() => tf.floor(tf.randomUniform(sizes, 0, categories, 'float32', seed + 1)));
}

async function timed(work: () => Promise<void>): Promise<number> {
  const read = stopwatch();
  await work();
  return read();
}

function stopwatch(): () => number {
  const begun = performance.now();
  return () => performance.now() - begun;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  '),
    )
    .join('\n');
}
