// Vocabularies, labels, preprocessing, and texts as numbers.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { encodeText } from '../../../src/node/read/encode-text.js';
import { decodeLabels } from '../../../src/node/read/labels.js';
import { decodePreprocessing, parseNumbers } from '../../../src/node/read/preprocessing.js';
import { decodeVocabulary } from '../../../src/node/read/vocabulary.js';

const vocabulary = new Map([
  ['good', 1],
  ['film', 2],
  ["don't", 3],
]);

describe('a text', () => {
  test('becomes numbers, padded on either side', () => {
    expect(encodeText('Good, good FILM!', 5, { vocabulary })).toEqual({
      numbers: [0, 0, 1, 1, 2],
      tokens: ['', '', 'good', 'good', 'film'],
      missing: [],
      dropped: 0,
    });
    const right = encodeText("film don't", 3, { vocabulary, padding: 'right', pad: 9 });
    expect(right).toMatchObject({ numbers: [2, 3, 9], tokens: ['film', "don't", ''] });
  });

  test('that is too long loses what is farther from the words kept', () => {
    expect(encodeText('good film film', 2, { vocabulary })).toMatchObject({ numbers: [2, 2], dropped: 1 });
    expect(encodeText('good film film', 2, { vocabulary, padding: 'right' })).toMatchObject({ numbers: [1, 2] });
    expect(encodeText('good film', null, { vocabulary })).toMatchObject({ numbers: [1, 2] });
  });

  test('with words that are not in the vocabulary', () => {
    expect(encodeText('bad film', 2, { vocabulary, unknown: 7 })).toMatchObject({ numbers: [7, 2], missing: ['bad'] });
    expect(() => encodeText('bad bad awful film', 4, { vocabulary })).toThrow(
      'The vocabulary of 3 words lacks "bad", "awful". Say which number such words have: --unknown 0.',
    );
    expect(() => encodeText('Good', 1, { vocabulary, caseSensitive: true })).toThrow('lacks "Good"');
    expect(() => encodeText(' ... ', 1, { vocabulary })).toThrow('The text has no words.');
  });

  test('of a very long kind takes no long time', () => {
    const text = 'good film '.repeat(500_000);
    const begun = performance.now();
    expect(encodeText(text, 3, { vocabulary })).toMatchObject({ numbers: [2, 1, 2], dropped: 999_997 });
    expect(performance.now() - begun).toBeLessThan(20_000);
  });
});

describe('a vocabulary', () => {
  test.each([
    ['.csv', 'good,1\nfilm,2\n'],
    ['.csv', 'word,number\ngood,1\nfilm,2\n'],
    ['.tsv', 'good\t1\nfilm\t2'],
    ['.json', '{"good": 1, "film": 2}'],
    ['.json', '["", "good", "film"]'],
    ['.txt', '\ngood\nfilm\n'],
  ])('as %s: %j', async (extension, text) => {
    const read = await decodeVocabulary(text, 'x', extension);
    expect([read.get('good'), read.get('film')]).toEqual([1, 2]);
  });

  test.each([
    ['.csv', '1,2,3\n4,5,6', 'x is no vocabulary: rows of word,number expected, found 3 columns.'],
    ['.csv', 'a,1\nb,c', 'x is no vocabulary: "b" has no whole number from 0 up.'],
    ['.json', '{"a": 1.5}', 'x is no vocabulary: "a" has no whole number from 0 up.'],
    ['.json', '[1]', 'x is no vocabulary: element 0 is no word.'],
    ['.json', '3', 'x is no vocabulary: a record of numbers by word expected, or a list of words.'],
    ['.json', '{}', 'x is no vocabulary: it has no words.'],
    ['.json', '{', /^x is not JSON: /],
  ])('as %s: %j is none', async (extension, text, message) => {
    await expect(decodeVocabulary(text, 'x', extension)).rejects.toThrow(message);
  });
});

describe('labels', () => {
  test.each([
    ['x.json', '["a", "b"]'],
    ['x.json', '{"0": "a", "1": "b"}'],
    ['x.txt', 'a\nb\n'],
  ])('%s: %j', (name, text) => {
    expect([...decodeLabels(text, name)]).toEqual([
      [0, 'a'],
      [1, 'b'],
    ]);
  });

  test.each([
    ['[]', 'x.json names no units'],
    ['5', 'x.json names no units'],
    ['[1]', 'x.json has no name for unit 0'],
    ['{"a": "b"}', 'x.json has no name for unit "a"'],
  ])('%j are none', (text, message) => {
    expect(() => decodeLabels(text, 'x.json')).toThrow(message);
  });
});

describe('preprocessing', () => {
  test('has paths beside its own file', () => {
    const text = '{"scale": "1/255", "offset": [0, -1], "vocabulary": "words.csv", "unknown": 0, "features": ["a"]}';
    expect(decodePreprocessing(text, '/models/one/preprocessing.json')).toEqual({
      scale: [1 / 255],
      offset: [0, -1],
      vocabulary: join('/models/one', 'words.csv'),
      unknown: 0,
      features: ['a'],
    });
  });

  test.each([
    ['{"scal": 1}', /^x has an unknown field "scal"\. Known: scale, offset, fit, /],
    ['{"__proto__": 1}', /^x has an unknown field "__proto__"/],
    ['{"constructor": 1}', /^x has an unknown field "constructor"/],
    ['{"scale": "a"}', 'x has "a" as "scale", which makes no sense there.'],
    ['{"fit": "zoom"}', 'x has "zoom" as "fit", which makes no sense there.'],
    ['{"unknown": -1}', 'x has -1 as "unknown", which makes no sense there.'],
    ['[]', /^x must hold a record of scale, /],
  ])('%j is refused', (text, message) => {
    expect(() => decodePreprocessing(text, 'x')).toThrow(message);
  });

  test('numbers and fractions', () => {
    expect(parseNumbers('1/4,-2,3e-1')).toEqual([0.25, -2, 0.3]);
    for (const text of ['', '1/', '/2', '1/0', '1,,2', '1/2/3', 'x', 'Infinity']) {
      expect(parseNumbers(text)).toBeUndefined();
    }
  });
});
