// Models on disk, and the command line as a function.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tfl from '@tensorflow/tfjs-layers';
import { inject } from 'vitest';
import { runCli } from '../../../src/node/cli/program.js';
import { fileSystem } from '../../../src/node/index.js';
import { apply, randomizeWeights } from '../../explanation/tools.js';

/** What a run leaves: exit code, and the lines of both streams. */
export interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** What was shown in passing. */
  readonly status: readonly string[];
}

/** A folder that is gone after the tests. */
export async function scratch(): Promise<{
  readonly path: (name: string) => string;
  readonly remove: () => Promise<void>;
}> {
  const folder = await mkdtemp(join(tmpdir(), 'cli-'));
  return { path: (name) => join(folder, name), remove: () => rm(folder, { recursive: true }) };
}

/** Runs the command line with the backend under test; `folder` is called FOLDER in what it says. */
export async function run(
  args: readonly string[],
  folder: string,
  signal = new AbortController().signal,
): Promise<Run> {
  const [out, err, status]: string[][] = [[], [], []];
  const backend = ['plan', 'explain', 'check', 'bench'].includes(args[0] ?? '') && !args.includes('--backend');
  const code = await runCli([...args, ...(backend ? ['--backend', inject('backend')] : [])], {
    out: (text) => void out?.push(text),
    err: (text) => void err?.push(text),
    status: (text) => void status?.push(text),
    columns: 80,
    palette: 'none',
    signal,
  });
  const text = (lines: string[] | undefined) => (lines ?? []).join('\n').replaceAll(folder, 'FOLDER');
  return { code, out: text(out), err: text(err), status: status ?? [] };
}

async function save(model: tfl.LayersModel, folder: string): Promise<void> {
  await model.save(fileSystem(folder));
  model.dispose();
}

/** Four numbers, three classes. */
export async function saveTable(folder: string): Promise<void> {
  const model = tfl.sequential({
    name: 'table',
    layers: [
      tfl.layers.dense({ units: 6, activation: 'relu', inputShape: [4], name: 'hidden' }),
      tfl.layers.dense({ units: 3, activation: 'softmax', name: 'classes' }),
    ],
  });
  randomizeWeights(model, 3);
  await save(model, folder);
}

/** A small picture, two classes. */
export async function savePictures(folder: string): Promise<void> {
  const model = tfl.sequential({
    name: 'pictures',
    layers: [
      tfl.layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu', inputShape: [8, 8, 3], name: 'conv' }),
      tfl.layers.flatten({ name: 'flat' }),
      tfl.layers.dense({ units: 2, activation: 'softmax', name: 'classes' }),
    ],
  });
  randomizeWeights(model, 4);
  await save(model, folder);
}

/** Six words, one unit. */
export async function saveWords(folder: string): Promise<void> {
  const model = tfl.sequential({
    name: 'words',
    layers: [
      tfl.layers.embedding({ inputDim: 5, outputDim: 3, inputLength: 6, name: 'embed' }),
      tfl.layers.gru({ units: 4, recurrentInitializer: 'glorotNormal', name: 'gru' }),
      tfl.layers.dense({ units: 1, activation: 'sigmoid', name: 'polarity' }),
    ],
  });
  randomizeWeights(model, 5);
  await save(model, folder);
}

/** Five steps of two channels. */
export async function saveSeries(folder: string): Promise<void> {
  const model = tfl.sequential({
    name: 'series',
    layers: [
      tfl.layers.conv1d({ filters: 3, kernelSize: 2, activation: 'relu', inputShape: [5, 2], name: 'conv' }),
      tfl.layers.flatten({ name: 'flat' }),
      tfl.layers.dense({ units: 2, name: 'scores' }),
    ],
  });
  randomizeWeights(model, 6);
  await save(model, folder);
}

/** Two inputs, two outputs. */
export async function saveTwo(folder: string): Promise<void> {
  const [a, b] = [tfl.input({ shape: [2], name: 'a' }), tfl.input({ shape: [3], name: 'b' })];
  const joined = apply(tfl.layers.concatenate({ name: 'join' }), [a, b]);
  const outputs = ['first', 'second'].map((name) => apply(tfl.layers.dense({ units: 2, name }), joined));
  const model = tfl.model({ inputs: [a, b], outputs, name: 'two' });
  randomizeWeights(model, 7);
  await save(model, folder);
}
