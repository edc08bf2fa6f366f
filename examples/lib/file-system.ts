// Loads and saves layers models in a folder, without tfjs-node: `tfl.loadLayersModel(loadFrom(path))`,
// `model.save(saveTo(folder))`.
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';

const modelFile = 'model.json';
const weightsFile = 'weights.bin';

/** Reads a layers model from a folder that holds `model.json`, or from the path of such a file. */
export function loadFrom(path: string): tf.io.IOHandler {
  return {
    load: async () => {
      const file = await modelPath(path);
      const model = await readModelJson(file);
      return tf.io.getModelArtifactsForJSON(model, async (manifest) => {
        const groups = await Promise.all(manifest.map((group) => readGroup(dirname(file), group)));
        return [tf.io.getWeightSpecs(manifest), tf.io.concatenateArrayBuffers(groups)];
      });
    },
  };
}

/** Writes `model.json` and one file of weights into a folder, which is made when missing. */
export function saveTo(folder: string): tf.io.IOHandler {
  return {
    save: async ({ weightData, weightSpecs, ...description }) => {
      const weights = tf.io.CompositeArrayBuffer.join(weightData);
      const weightsManifest = [{ paths: [weightsFile], weights: weightSpecs ?? [] }];
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, weightsFile), new Uint8Array(weights));
      await writeFile(join(folder, modelFile), `${JSON.stringify({ ...description, weightsManifest })}\n`);
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
    },
  };
}

async function modelPath(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  if (!found)
    throw new Error(`There is no model at ${path}: expected a folder with ${modelFile}, or the path of such a file.`);
  return found.isDirectory() ? join(path, modelFile) : path;
}

async function readModelJson(file: string): Promise<tf.io.ModelJSON> {
  const text = await readFile(file, 'utf8').catch((cause: Error) => {
    throw new Error(`Cannot read the model description ${file}: ${cause.message}`, { cause });
  });
  const json = parse(text, file);
  if (!isLayersModel(json)) {
    const found = isRecord(json) && 'format' in json ? `format ${JSON.stringify(json.format)}` : 'no layers in it';
    throw new Error(
      `${file} does not describe a layers model (${found}). Graph models cannot be taken apart by layer.`,
    );
  }
  if (!Array.isArray(json.weightsManifest)) throw new Error(`${file} has no weightsManifest, so it names no weights.`);
  return json;
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${file} is not JSON: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

/** Models saved by TensorFlow.js keep the layers at the top of the topology, converted ones one level down. */
function isLayersModel(json: unknown): json is tf.io.ModelJSON {
  if (!isRecord(json) || !isRecord(json.modelTopology)) return false;
  return 'class_name' in json.modelTopology || 'model_config' in json.modelTopology;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

async function readGroup(folder: string, group: tf.io.WeightsManifestConfig[number]): Promise<ArrayBuffer> {
  const shards = await Promise.all(group.paths.map((path) => readShard(join(folder, path))));
  const found = shards.reduce((sum, shard) => sum + shard.byteLength, 0);
  const expected = group.weights.reduce((sum, spec) => sum + bytesOf(spec), 0);
  if (found !== expected) {
    const sizes = group.paths.map((path, i) => `${path} (${shards[i]?.byteLength} bytes)`).join(', ');
    throw new Error(
      `The weights in ${folder} do not fit ${modelFile}: ${expected} bytes expected, ${found} found in ${sizes}.`,
    );
  }
  return tf.io.concatenateArrayBuffers(shards);
}

async function readShard(path: string): Promise<ArrayBuffer> {
  const bytes = await readFile(path).catch((cause: Error) => {
    throw new Error(`Cannot read the weights ${path}, which ${modelFile} names: ${cause.message}`, { cause });
  });
  return Uint8Array.from(bytes).buffer;
}

const bytesPerValue = {
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
  return tf.util.sizeFromShape(shape) * bytesPerValue[quantization?.dtype ?? dtype];
}
