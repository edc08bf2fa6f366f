// Whatever bytes a file holds: numbers, a picture, a text, or an LrpError; nothing else, and soon.
import { readFile, writeFile } from 'node:fs/promises';
import { disposeVariables } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { LrpError } from '../../../src/index.js';
import { encodeNpy } from '../../../src/node/cli/npy-file.js';
import { loadModel } from '../../../src/node/load-model.js';
import { encodeText } from '../../../src/node/read/encode-text.js';
import { decodeLabels } from '../../../src/node/read/labels.js';
import { decodePreprocessing } from '../../../src/node/read/preprocessing.js';
import { decodeContent } from '../../../src/node/read/read-content.js';
import { decodeVocabulary } from '../../../src/node/read/vocabulary.js';
import { saveTable, scratch } from '../cli/tools.js';

const EXTENSIONS = ['.png', '.jpg', '.npy', '.csv', '.tsv', '.json', '.txt', '.u8', ''];
const RUNS = { numRuns: 150, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: true };

async function expectAnswerOrError(read: () => unknown): Promise<void> {
  try {
    expect(await read()).toBeDefined();
  } catch (error) {
    expect(error).toBeInstanceOf(LrpError);
    expect((error as LrpError).message.length).toBeGreaterThan(10);
  }
}

const pixels = { raw: { width: 9, height: 5, channels: 3 as const } };
const noise = Uint8Array.from({ length: 135 }, (_, index) => (index * 73) % 256);
const samples = [
  new Uint8Array(await sharp(noise, pixels).png().toBuffer()),
  new Uint8Array(await sharp(noise, pixels).png({ palette: true, progressive: true }).toBuffer()),
  new Uint8Array(await sharp(noise, pixels).jpeg().toBuffer()),
  new Uint8Array(await sharp(noise, pixels).withMetadata({ orientation: 6 }).jpeg({ progressive: true }).toBuffer()),
  encodeNpy(Float32Array.from([1, 2, 3, 4, 5, 6]), [2, 3]),
  new TextEncoder().encode('a,b\n1,2\n3,4\n'),
  new TextEncoder().encode('[[1, 2], [3, 4]]'),
];

/** A file of a known kind with some bytes changed, and perhaps its end cut off. */
const damaged = fc
  .tuple(
    fc.constantFrom(...samples),
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 6 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
  )
  .map(([sample, changes, share]) => {
    const bytes = Uint8Array.from(sample);
    for (const [at, value] of changes) bytes[at % bytes.length] = value;
    return bytes.subarray(0, share < 0.5 ? bytes.length : Math.floor(share * bytes.length));
  });

/** A JSON value with one of its parts replaced, whose number is counted from outside inwards. */
function replacedAt(value: unknown, part: number, by: unknown): unknown {
  let left = part;
  const walk = (inner: unknown): unknown => {
    if (left-- === 0) return by;
    if (Array.isArray(inner)) return inner.map(walk);
    if (typeof inner !== 'object' || inner === null) return inner;
    return Object.fromEntries(Object.entries(inner).map(([key, one]) => [key, walk(one)]));
  };
  return walk(value);
}

function partsOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce((sum: number, one) => sum + partsOf(one), 1);
}

describe('readers', () => {
  test('of any bytes under any name', async () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(bytes, fc.constantFrom(...EXTENSIONS), (data, extension) =>
        expectAnswerOrError(() => decodeContent(data, `x${extension}`, extension)),
      ),
      RUNS,
    );
  });

  test('of files that are damaged', async () => {
    await fc.assert(
      fc.asyncProperty(damaged, fc.constantFrom(...EXTENSIONS), (data, extension) =>
        expectAnswerOrError(() => decodeContent(data, `x${extension}`, extension)),
      ),
      { ...RUNS, numRuns: 400 },
    );
  });

  test('of any JSON', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), fc.constantFrom('', '/0', '/a/b', '//'), async (text, pointer) => {
        const bytes = new TextEncoder().encode(text);
        await expectAnswerOrError(() => decodeContent(bytes, 'x.json', '.json', pointer));
        await expectAnswerOrError(() => decodeLabels(text, 'x.json'));
        await expectAnswerOrError(() => decodePreprocessing(text, 'x.json'));
        await expectAnswerOrError(() => decodeVocabulary(text, 'x.json', '.json'));
      }),
      RUNS,
    );
  });

  test('of any text', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.stringMatching(/^[-\w ,;"\n]*$/),
    );
    await fc.assert(
      fc.asyncProperty(text, fc.constantFrom('.csv', '.tsv', '.txt', '.json'), async (content, extension) => {
        await expectAnswerOrError(() => decodeContent(new TextEncoder().encode(content), `x${extension}`, extension));
        await expectAnswerOrError(() => decodeVocabulary(content, 'x', extension));
        await expectAnswerOrError(() => decodeLabels(content, 'x.txt'));
        await expectAnswerOrError(() => encodeText(content, 5, { vocabulary: new Map([['a', 1]]), unknown: 0 }));
      }),
      RUNS,
    );
  });

  test('of models whose description or weights are damaged', async () => {
    const { path, remove } = await scratch();
    await saveTable(path('model'));
    const [json, weights] = await Promise.all([
      readFile(path('model/model.json'), 'utf8'),
      readFile(path('model/weights.bin')),
    ]);
    const description: unknown = JSON.parse(json);
    const read = async () => {
      const model = await loadModel(path('model'));
      model.dispose();
      return 'a model';
    };
    const junk = fc.constantFrom<unknown>(null, -1, 'x', '', true, [], {}, [null], { class_name: 'Dense', config: {} });
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: partsOf(description) - 1 }), junk, async (part, by) => {
        await writeFile(path('model/model.json'), JSON.stringify(replacedAt(description, part, by)) ?? '');
        await expectAnswerOrError(read);
      }),
      RUNS,
    );
    await writeFile(path('model/model.json'), json);
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: weights.length - 1 }), async (length) => {
        await writeFile(path('model/weights.bin'), weights.subarray(0, length));
        await expect(read()).rejects.toThrow(`bytes expected, ${length} found in weights.bin`);
      }),
      { numRuns: 20 },
    );
    await remove();
    // TensorFlow.js keeps the layers of a model that it fails to load.
    disposeVariables();
  });
});
