import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fileSystem } from '../../src/node/index.js';

let folder: string;
const inFolder = (name: string): string => join(folder, name);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'model-'));
});
afterEach(() => rm(folder, { recursive: true }));

function smallModel(): tfl.LayersModel {
  return tfl.sequential({
    layers: [
      tfl.layers.dense({ inputShape: [3], units: 2 }),
      tfl.layers.batchNormalization(),
      tfl.layers.dense({ units: 1 }),
    ],
  });
}

/** The message of the error that loading ends in, free of the folder's random name. */
async function complaint(path = folder): Promise<string> {
  const message = await tfl.loadLayersModel(fileSystem(path)).then(
    () => 'none',
    (error: Error) => error.message,
  );
  return message.replaceAll(folder, 'FOLDER');
}

async function editModelJson(edit: (json: tf.io.ModelJSON) => void): Promise<void> {
  const json: tf.io.ModelJSON = JSON.parse(await readFile(inFolder('model.json'), 'utf8'));
  edit(json);
  await writeFile(inFolder('model.json'), JSON.stringify(json));
}

describe('a saved model', () => {
  test('predicts the same after loading, by folder or by file', async () => {
    const model = smallModel();
    await model.save(fileSystem(inFolder('new/deep')));
    const input = tf.tensor2d([[1, -2, 3]]);
    const [expected] = await (model.predict(input) as tf.Tensor).data();
    for (const path of ['new/deep', 'new/deep/model.json']) {
      const loaded = await tfl.loadLayersModel(fileSystem(inFolder(path)));
      expect((await (loaded.predict(input) as tf.Tensor).data())[0]).toBe(expected);
    }
  });

  test('may be cut into shards at any byte', async () => {
    const model = smallModel();
    await model.save(fileSystem(folder));
    const weights = await readFile(inFolder('weights.bin'));
    await writeFile(inFolder('a.bin'), weights.subarray(0, 5));
    await writeFile(inFolder('b.bin'), weights.subarray(5));
    await editModelJson((json) => json.weightsManifest[0]?.paths.splice(0, 1, 'a.bin', 'b.bin'));
    const loaded = await tfl.loadLayersModel(fileSystem(folder));
    const numbers = (from: tfl.LayersModel): number[] => from.getWeights().flatMap((weight) => [...weight.dataSync()]);
    expect(numbers(loaded)).toEqual(numbers(model));
  });
});

describe('errors', () => {
  test('nothing there', async () => {
    expect(await complaint(inFolder('none'))).toMatchInlineSnapshot(
      `"There is no model at FOLDER/none: expected a folder with model.json, or the path of such a file."`,
    );
  });

  test('folder without model.json', async () => {
    expect(await complaint()).toMatchInlineSnapshot(
      `"Cannot read the model description FOLDER/model.json: ENOENT: no such file or directory, open 'FOLDER/model.json'"`,
    );
  });

  test('not JSON', async () => {
    await writeFile(inFolder('model.json'), 'pixels');
    expect(await complaint()).toContain('FOLDER/model.json is not JSON: Unexpected token');
  });

  test('graph model', async () => {
    await writeFile(inFolder('model.json'), '{"format": "graph-model", "modelTopology": {"node": []}}');
    expect(await complaint()).toMatchInlineSnapshot(
      `"FOLDER/model.json does not describe a layers model (format "graph-model"). Graph models cannot be taken apart by layer."`,
    );
  });

  test('some other JSON', async () => {
    await writeFile(inFolder('model.json'), '[1, 2]');
    expect(await complaint()).toMatchInlineSnapshot(
      `"FOLDER/model.json does not describe a layers model (no layers in it). Graph models cannot be taken apart by layer."`,
    );
  });

  test('no manifest', async () => {
    await smallModel().save(fileSystem(folder));
    await editModelJson((json) => Reflect.deleteProperty(json, 'weightsManifest'));
    expect(await complaint()).toMatchInlineSnapshot(
      `"FOLDER/model.json has no weightsManifest, so it names no weights."`,
    );
  });

  test('manifest of another kind', async () => {
    await smallModel().save(fileSystem(folder));
    await editModelJson((json) => Object.assign(json, { weightsManifest: [{ paths: [1], weights: [] }] }));
    expect(await complaint()).toContain('FOLDER/model.json has no weightsManifest, so it names no weights.');
  });

  test('missing shard', async () => {
    await smallModel().save(fileSystem(folder));
    await rm(inFolder('weights.bin'));
    expect(await complaint()).toMatchInlineSnapshot(
      `"Cannot read the weights FOLDER/weights.bin, which model.json names: ENOENT: no such file or directory, open 'FOLDER/weights.bin'"`,
    );
  });

  test('shard too short', async () => {
    await smallModel().save(fileSystem(folder));
    await writeFile(inFolder('weights.bin'), new Uint8Array(7));
    expect(await complaint()).toMatchInlineSnapshot(
      `"The weights in FOLDER do not fit model.json: 76 bytes expected, 7 found in weights.bin (7 bytes)."`,
    );
  });
});
