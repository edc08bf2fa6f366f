import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import type { ExpectedFile, InputNumbers } from './format.js';

/** One model with its inputs and everything that is expected of it. */
export interface GoldenCase {
  readonly name: string;
  readonly artifacts: tf.io.ModelArtifacts;
  readonly inputs: readonly InputNumbers[];
  readonly expected: ExpectedFile;
}

interface ModelFile {
  readonly modelTopology: NonNullable<tf.io.ModelArtifacts['modelTopology']>;
  readonly weightsManifest: tf.io.WeightsManifestConfig;
}

/**
 * Reads every case of a folder.
 *
 * @throws Error when the folder cannot be read, holds no case, or a case is incomplete or expects nothing.
 */
export function loadCases(folder: string): GoldenCase[] {
  const names = subfolders(folder);
  if (names.length === 0) throw new Error(`The golden folder "${folder}" holds no case: expected a folder per case.`);
  return names.map((name) => loadCase(folder, name));
}

/** Builds the model of a case; the caller disposes it. */
export async function buildModel({ artifacts }: GoldenCase): Promise<LayersModel> {
  return loadLayersModel(tf.io.fromMemory(artifacts));
}

function loadCase(folder: string, name: string): GoldenCase {
  const path = (file: string) => join(folder, name, file);
  const missing = ['model.json', 'weights.bin', 'input.json', 'expected.json'].filter(
    (file) => !existsSync(path(file)),
  );
  if (missing.length > 0) throw new Error(`Golden case "${name}" in "${folder}" lacks ${missing.join(', ')}.`);
  const { modelTopology, weightsManifest } = readJson<ModelFile>(path('model.json'));
  const expected = readJson<ExpectedFile>(path('expected.json'));
  if (!expected.expectations?.length) throw new Error(`Golden case "${name}" in "${folder}" expects nothing.`);
  const weightData = new Uint8Array(readFileSync(path('weights.bin'))).buffer;
  return {
    name,
    artifacts: { modelTopology, weightSpecs: weightsManifest.flatMap((group) => group.weights), weightData },
    inputs: readJson<{ inputs: InputNumbers[] }>(path('input.json')).inputs,
    expected,
  };
}

function subfolders(folder: string): string[] {
  try {
    // `statSync` follows links: a linked folder is a case like any other.
    const names = readdirSync(folder).filter((name) => !name.startsWith('.'));
    return names.filter((name) => statSync(join(folder, name)).isDirectory()).sort();
  } catch (error) {
    throw new Error(`The golden folder "${folder}" cannot be read: ${(error as Error).message}`);
  }
}

function readJson<T>(path: string): T {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch (error) {
    throw new Error(`"${path}" is no JSON: ${(error as Error).message}`);
  }
}
