import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { InputError } from '../index.js';
import { isRecord, parseJson } from './read/json-text.js';

const MODEL_FILE = 'model.json';
const WEIGHTS_FILE = 'weights.bin';

/**
 * Layers models on disk, for `loadLayersModel(fileSystem(path))` and `model.save(fileSystem(folder))`; nothing needs to be
 * compiled or served for it.
 *
 * Loading takes a folder that holds `model.json`, or the path of such a file. Saving writes `model.json` and one file of
 * weights into a folder, which is made when missing.
 *
 * @throws InputError (from `load`) when there is no layers model, or its weights are missing or of the wrong size.
 */
export function fileSystem(path: string): Required<Pick<tf.io.IOHandler, 'load' | 'save'>> {
  return {
    load: async () => {
      const file = await modelPath(path);
      const model = await readModelJson(file);
      return tf.io.getModelArtifactsForJSON(model, async (manifest) => {
        const groups = await Promise.all(manifest.map((group) => readGroup(dirname(file), group)));
        return [tf.io.getWeightSpecs(manifest), tf.io.concatenateArrayBuffers(groups)];
      });
    },
    save: async ({ weightData, weightSpecs, ...description }) => {
      const weights = tf.io.CompositeArrayBuffer.join(weightData);
      const weightsManifest = [{ paths: [WEIGHTS_FILE], weights: weightSpecs ?? [] }];
      await mkdir(path, { recursive: true });
      await writeFile(join(path, WEIGHTS_FILE), new Uint8Array(weights));
      await writeFile(join(path, MODEL_FILE), `${JSON.stringify({ ...description, weightsManifest })}\n`);
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
    },
  };
}

/**
 * The `model.json` that a path means.
 *
 * @throws InputError when there is nothing.
 */
export async function modelPath(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  if (found) return found.isDirectory() ? join(path, MODEL_FILE) : path;
  throw new InputError(
    `There is no model at ${path}: expected a folder with ${MODEL_FILE}, or the path of such a file.`,
  );
}

async function readModelJson(file: string): Promise<tf.io.ModelJSON> {
  const text = await readFile(file, 'utf8').catch((cause: Error) => {
    throw new InputError(`Cannot read the model description ${file}: ${cause.message}`);
  });
  const json = parseJson(text, file);
  if (!isLayersModel(json)) {
    const found = isRecord(json) && 'format' in json ? `format ${JSON.stringify(json.format)}` : 'no layers in it';
    throw new InputError(
      `${file} does not describe a layers model (${found}). Graph models cannot be taken apart by layer.`,
    );
  }
  if (!Array.isArray(json.weightsManifest) || !json.weightsManifest.every(isGroup)) {
    throw new InputError(`${file} has no weightsManifest, so it names no weights.`);
  }
  return json;
}

/** Models saved by TensorFlow.js keep the layers at the top of the topology, converted ones one level down. */
function isLayersModel(json: unknown): json is tf.io.ModelJSON {
  if (!isRecord(json) || !isRecord(json.modelTopology)) return false;
  return 'class_name' in json.modelTopology || 'model_config' in json.modelTopology;
}

function isGroup(group: unknown): boolean {
  if (!isRecord(group) || !Array.isArray(group.paths) || !Array.isArray(group.weights)) return false;
  const isEntry = (entry: unknown) =>
    isRecord(entry) && Array.isArray(entry.shape) && typeof entry.name === 'string' && typeof entry.dtype === 'string';
  return group.paths.every((path) => typeof path === 'string') && group.weights.every(isEntry);
}

async function readGroup(folder: string, group: tf.io.WeightsManifestConfig[number]): Promise<ArrayBuffer> {
  const shards = await Promise.all(group.paths.map((path) => readShard(join(folder, path))));
  const found = shards.reduce((sum, shard) => sum + shard.byteLength, 0);
  const expected = group.weights.reduce((sum, spec) => sum + bytesOf(spec), 0);
  if (found !== expected) {
    const sizes = group.paths.map((path, i) => `${path} (${shards[i]?.byteLength} bytes)`).join(', ');
    throw new InputError(
      `The weights in ${folder} do not fit ${MODEL_FILE}: ${expected} bytes expected, ${found} found in ${sizes}.`,
    );
  }
  return tf.io.concatenateArrayBuffers(shards);
}

async function readShard(path: string): Promise<ArrayBuffer> {
  const bytes = await readFile(path).catch((cause: Error) => {
    throw new InputError(`Cannot read the weights ${path}, which ${MODEL_FILE} names: ${cause.message}`);
  });
  return Uint8Array.from(bytes).buffer;
}

const BYTES_PER_VALUE = {
  float32: 4,
  float16: 2,
  int32: 4,
  uint16: 2,
  uint8: 1,
  bool: 1,
  complex64: 8,
  string: Number.NaN,
};

function bytesOf({ shape, dtype, quantization }: tf.io.WeightsManifestEntry): number {
  return tf.util.sizeFromShape(shape) * BYTES_PER_VALUE[quantization?.dtype ?? dtype];
}
