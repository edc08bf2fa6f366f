// The command line from end to end, but for the process.
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import { fromJSON } from '../../../src/index.js';
import { startSharp } from '../../../src/node/drawing-png.js';
import { readNpy } from '../../../src/node/read/npy.js';
import { readPng } from '../../../src/node/read/png.js';
import { tensorCount } from '../../explanation/tools.js';
import { run, savePictures, saveSeries, saveTable, saveTwo, saveWords, scratch } from './tools.js';

const { path, remove } = await scratch();
// Charts become PNG with the fonts of the system, and a machine may have none.
const fonts = await startSharp().then(
  () => true,
  (error: Error) => !error.message.includes('no fonts'),
);
const cli = (...args: string[]) => run(args, path(''));
afterAll(remove);

await saveTable(path('table'));
await savePictures(path('pictures'));
await saveWords(path('words'));
await saveSeries(path('series'));
await saveTwo(path('two'));
await writeFile(path('row.csv'), 'height,width,age,mass\n1,-2,0.5,3\n0,1,1,-1\n');
await writeFile(
  path('samples.json'),
  '[{"points": [[1, 2], [0, 1], [3, -1], [2, 2], [1, 0]], "words": "Good film, good!"}]',
);
await writeFile(path('vocabulary.csv'), 'good,1\nbad,2\nfilm,3\n');
await writeFile(path('pictures/labels.json'), '["night", "day <b>"]');
await writeFile(
  path('table/labels.json'),
  '{"0": "red fox, Vulpes", "1": "grey fox", "2": "cat", "3": "haired fox terrier"}',
);
await writeFile(path('left.json'), '[1, 2]');
await writeFile(path('right.json'), '[1, 2, 3]');
const noise = Uint8Array.from({ length: 300 }, (_, index) => (index * 37) % 256);
await sharp(noise, { raw: { width: 10, height: 10, channels: 3 } })
  .png()
  .toFile(path('noise.png'));

describe('explain', () => {
  test('a row of a table: the strongest numbers by name', async () => {
    const before = tensorCount();
    const { code, out, err } = await cli('explain', path('table'), path('row.csv'), '--top', '2', '--ledger', '--plan');
    expect({ code, err }).toEqual({
      code: 0,
      err: 'note: the file holds 2 samples; this is number 0 (--sample N)',
    });
    expect(out).toMatch(/^Output "classes"\n( {2}0\.\d{4} {2}unit [012] \((red fox, Vulpes|grey fox|cat)\)\n){3}/);
    expect(out).toMatch(/Explained: logit -?[\d.]+ of unit \d \([\w, ]+\), output "classes", rules epsilon\n/);
    expect(out).toMatch(
      /Relevance of input "hidden_input\w*"\n +-?[\d.]+ {2}\[(height|width|age|mass)\] +value -?[\d.]+\n/,
    );
    expect(out).toContain('Plan of "table" with epsilon');
    expect(out).toContain('Closed: largest relative residual');
    expect(tensorCount()).toBe(before);
  });

  test('another sample, and a target by its label against another', async () => {
    const options = ['--sample', '1', '--target', 'cat', '--against', 'grey', '--rules', 'epsilon-plus'];
    const { code, out, err } = await cli('explain', path('table'), path('row.csv'), ...options);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const { out: named } = await cli('explain', path('table'), path('row.csv'), '--target', 'Red fox');
    expect(named).toContain('of unit 0 (red fox, Vulpes), output');
    expect(out).toContain('of unit 2 (cat) against unit 1 (grey fox), output "classes", rules epsilon-plus');
  });

  test('a picture: PNG, SVG, NPY, JSON and a report', async () => {
    const files = ['a.png', 'a.svg', 'deep/a.npy'].flatMap((name) => ['--out', path(name)]);
    const more = ['--json', path('a.json'), '--report', path('a.html'), '--scale', '1/255', '--target', '1'];
    const { code, out, err } = await cli('explain', path('pictures'), path('noise.png'), ...files, ...more);
    expect(code).toBe(0);
    expect(err.split('\n')).toEqual(
      ['a.png', 'a.svg', 'deep/a.npy', 'a.html', 'a.json'].map((name) => `written: FOLDER/${name}`),
    );
    expect(out).toContain('of unit 1 (day <b>), output "classes"');
    const png = await readPng(new Uint8Array(await readFile(path('a.png'))), 'a.png');
    expect(Math.min(png.width, png.height)).toBeGreaterThan(200);
    expect(await readFile(path('a.svg'), 'utf8')).toMatch(/^<svg[\s\S]*day &lt;b&gt;/);
    const relevance = readNpy(new Uint8Array(await readFile(path('deep/a.npy'))), 'a.npy');
    expect(relevance.shape).toEqual([8, 8, 3]);
    const record = fromJSON(await readFile(path('a.json'), 'utf8'));
    expect([...((await record.inputs[0]?.relevance.data()) ?? [])]).toEqual([...relevance.data]);
    record.dispose();
    const report = await readFile(path('a.html'), 'utf8');
    expect(report).toMatch(/^<!doctype html>/i);
    expect(report).not.toContain('<b>');
    // The command as it was given, word by word.
    expect(report).toMatch(
      /<td>tfjs-lrp explain \S+ \S+noise\.png --out [^<]* --scale 1\/255 --target 1 --backend \w+<\/td>/,
    );
    expect(report.match(/>Relevance of input/g)).toHaveLength(1);
    expect(out).toMatch(/\nOf [-\d.]+ the inputs got [-\d.e]+/);
  });

  test('a text: its words with their numbers', async () => {
    const words = ['--vocabulary', path('vocabulary.csv'), '--out', path('w.html'), '--out', path('w.svg')];
    words.push('--out', path('w.png'));
    const { code, out } = await cli('explain', path('words'), `${path('samples.json')}#/0/words`, ...words);
    expect(code).toBe(0);
    expect(out).toMatch(/good\([+−][\d.]+\) film\([+−][\d.]+\) good\([+−][\d.]+\)/);
    expect(await readFile(path('w.html'), 'utf8')).toContain('>film<');
    expect(await readFile(path('w.svg'), 'utf8')).toMatch(/film[\s\S]*relevance, in units of the logit/);
    expect((await readPng(new Uint8Array(await readFile(path('w.png'))), 'w.png')).width).toBeGreaterThan(200);
    const direct = await cli(
      'explain',
      path('words'),
      '--text',
      'Good film, good!',
      '--vocabulary',
      path('vocabulary.csv'),
    );
    expect(direct.out).toBe(out);
  });

  test('a series, and the map of a layer', async () => {
    const data = `${path('samples.json')}#/0/points`;
    const files = ['--out', path('s.svg'), '--features', 'x,y'];
    const { code, out } = await cli('explain', path('series'), data, ...files, '--target', '0');
    expect(code).toBe(0);
    expect(out).toMatch(/\[\d, [xy]\]/);
    expect(await readFile(path('s.svg'), 'utf8')).toMatch(/^<svg[\s\S]*time step/);
    const layer = ['--layer-map', 'conv', '--out', path('layer.png')];
    expect((await cli('explain', path('series'), data, ...layer)).code).toBe(0);
    expect((await readFile(path('layer.png'))).length).toBeGreaterThan(1000);
  });

  test.runIf(fonts)('charts of a series and of a row as PNG, as large as their SVG', async () => {
    const data = `${path('samples.json')}#/0/points`;
    for (const [name, input] of [
      ['series', data],
      ['table', path('row.csv')],
    ] as const) {
      const files = ['svg', 'png'].flatMap((ending) => ['--out', path(`${name}.${ending}`)]);
      expect((await cli('explain', path(name), input, ...files)).code).toBe(0);
      const [, width, height] =
        /^<svg[^>]* width="(\d+)" height="(\d+)"/.exec(await readFile(path(`${name}.svg`), 'utf8')) ?? [];
      const png = await readPng(new Uint8Array(await readFile(path(`${name}.png`))), name);
      expect([png.width, png.height]).toEqual([2 * Number(width), 2 * Number(height)]);
      // Paper, ink, and the colours of relevance.
      expect(new Set(png.data).size).toBeGreaterThan(50);
    }
  });

  test('steps from zero to the score leave out what is too small to be seen', async () => {
    await cli('explain', path('table'), path('row.csv'), '--out', path('steps.svg'));
    const svg = await readFile(path('steps.svg'), 'utf8');
    expect(svg).toContain('biases');
    expect(svg).not.toMatch(/stabilizers|rounding|unaccounted/);
  });

  test('nothing arrived: one line instead of a list of zeros', async () => {
    const zeros = path('zeros.json');
    await writeFile(zeros, '[0, 0, 0, 0]');
    const { code, out, err } = await cli('explain', path('table'), zeros);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(
      /Relevance of input "\w+"\n {2}none reached it \(--ledger shows what took it\)\n\nOf -?[\d.]+ the inputs got 0; the rest: biases /,
    );
  });

  test('several inputs and outputs, each by its name', async () => {
    const inputs = [`b=${path('right.json')}`, `a=${path('left.json')}`];
    const options = ['--output', 'second', '--out', `b=${path('b.svg')}`];
    const { code, out } = await cli('explain', path('two'), ...inputs, ...options);
    expect(code).toBe(0);
    expect(out).toContain('output "second"');
    expect(out).not.toContain('Output "first"');
    expect(out).toMatch(/Relevance of input "a"[\s\S]*Relevance of input "b"/);
    expect(await readFile(path('b.svg'), 'utf8')).toContain('<svg');
  });

  test('the share of the relevance that lies inside a mask', async () => {
    const half = Uint8Array.from({ length: 64 }, (_, pixel) => (pixel % 8 < 4 ? 255 : 0));
    await sharp(half, { raw: { width: 8, height: 8, channels: 1 } })
      .png()
      .toFile(path('half.png'));
    const options = ['--mask', path('half.png'), '--out', path('m.npy'), '--target', '0'];
    const { out } = await cli('explain', path('pictures'), path('noise.png'), ...options);
    const { data } = readNpy(new Uint8Array(await readFile(path('m.npy'))), 'm.npy');
    const pixels = Array.from({ length: 64 }, (_, pixel) =>
      Math.max(0, (data[3 * pixel] ?? 0) + (data[3 * pixel + 1] ?? 0) + (data[3 * pixel + 2] ?? 0)),
    );
    const sum = (keep: (pixel: number) => boolean) =>
      pixels.reduce((all, one, pixel) => all + (keep(pixel) ? one : 0), 0);
    const share = (100 * sum((pixel) => pixel % 8 < 4)) / sum(() => true);
    expect(out).toContain(`Positive relevance inside the mask: ${share.toFixed(1)} %, which is 50.0 % of the picture`);
    expect((await cli('explain', path('table'), path('row.csv'), '--mask', path('half.png'))).err).toContain(
      'error: --mask needs an input that is a picture.',
    );
  });

  test('JSON on the standard output', async () => {
    const { out } = await cli(
      'explain',
      path('two'),
      `a=${path('left.json')}`,
      `b=${path('right.json')}`,
      '--output',
      '0',
      '--json',
      '-',
    );
    expect(JSON.parse(out.split('\n').at(-1) ?? '')).toHaveProperty('inputs');
  });

  test('preprocessing beside the model, flags before it', async () => {
    await writeFile(path('pictures/preprocessing.json'), '{"scale": "1/255", "fit": "stretch"}');
    const beside = await cli('explain', path('pictures'), path('noise.png'));
    const flags = await cli('explain', path('pictures'), path('noise.png'), '--scale', '1');
    await rm(path('pictures/preprocessing.json'));
    const named = await cli('explain', path('pictures'), path('noise.png'), '--scale', '1/255', '--fit', 'stretch');
    const bare = await cli('explain', path('pictures'), path('noise.png'));
    expect(beside).toEqual(named);
    expect(flags.out).not.toBe(beside.out);
    expect(bare.err).toContain('note: pixels go into the model as 0 to 255; many models want --scale 1/255');
  });

  test('shows how far it is, and clears that', async () => {
    const { status } = await cli('explain', path('table'), path('row.csv'));
    expect(status.some((line) => /^#*\.* (forward|backward) \d+\/\d+ \w+/.test(line))).toBe(true);
    expect(status.at(-1)).toBe('');
    const { status: none } = await cli('explain', path('table'), path('row.csv'), '--quiet');
    expect(none.filter((line) => line.includes('ward'))).toEqual([]);
  });
});

describe('plan', () => {
  test('prints the table', async () => {
    const { code, out } = await cli('plan', path('table'), '--rules', 'epsilon-plus');
    expect(code).toBe(0);
    expect(out).toMatch(/^Plan of "table" with epsilon-plus\n[\s\S]*hidden +Dense +dense +epsilon/);
  });

  test('by a setup module, with all that is wrong at once', async () => {
    const library = new URL('../../../src/index.ts', import.meta.url).href;
    const rules = '{ hiden: epsilon(), clases: epsilon() }';
    await writeFile(path('setup.mjs'), `import { epsilon } from '${library}';\nexport const rules = ${rules};\n`);
    const { code, err } = await cli('plan', path('table'), '--setup', path('setup.mjs'));
    expect(code).toBe(4);
    expect(err).toMatch(
      /^error: The model cannot be explained as asked \(2 problems\):\n {2}1\. .*"hiden".*\n {2}2\. .*"clases"/,
    );
  });
});

describe('layers of your own', () => {
  const setup = fileURLToPath(new URL('./own-layer.ts', import.meta.url));

  test('are asked for by name, and known by a setup module', async () => {
    await saveTable(path('own'));
    const json = await readFile(path('own/model.json'), 'utf8');
    const twice = { class_name: 'Twice', config: { name: 'twice', trainable: true, dtype: 'float32' } };
    const edited = json.replace(
      '"layers":[',
      `"layers":[${JSON.stringify({ ...twice, config: { ...twice.config, batch_input_shape: [null, 4] } })},`,
    );
    await writeFile(path('own/model.json'), edited);
    const unknown = await cli('plan', path('own'));
    expect(unknown.code).toBe(3);
    expect(unknown.err).toBe(
      'error: The model at FOLDER/own has layers of class Twice, which TensorFlow.js does not know. Register it before ' +
        'loading, tf.serialization.registerClass(Twice); for workers and the command line in a module named by setup.',
    );
    const { code, out, err } = await cli('check', path('own'), path('row.csv'), '--setup', setup, '--sample', '1');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/\ntwice +pass/);
    // The class is registered for good; its adapter is not.
    const plain = await cli('plan', path('own'));
    expect(plain.code).toBe(4);
    expect(plain.err).toMatch(
      /^error: The model cannot be explained as asked \(1 problem\):\n {2}1\. No adapter for layer "twice"/,
    );
  });
});

describe('check', () => {
  test('is fine where the ledger closes', async () => {
    const { code, out } = await cli('check', path('series'), `${path('samples.json')}#/0/points`, '--target', '1');
    expect(code).toBe(0);
    expect(out).toMatch(/Closed: largest relative residual .*\nSteps and layers agree: largest difference/);
  });

  test('fails where steps depart from their layer', async () => {
    const url = new URL('../../../src/index.ts', import.meta.url).href;
    const module = `import { activationStep, defaultRegistry, flattenStep } from '${url}';
      const wrong = (call, to) => {
        const flat = to.add(flattenStep(), to.inputs);
        to.output(to.add(activationStep('sigmoid'), [flat]));
      };
      export const planOptions = { registry: defaultRegistry.with('flat', wrong) };`;
    await writeFile(path('wrong.mjs'), module);
    const { code, out, err } = await cli(
      'check',
      path('series'),
      `${path('samples.json')}#/0/points`,
      '--setup',
      path('wrong.mjs'),
    );
    expect({ code, err }).toEqual({ code: 1, err: '' });
    expect(out).toMatch(/DEPARTS: .* at? ?flat \(Flatten\)/);
  });
});

describe('bench', () => {
  test('measures presets, and says which do not fit', async () => {
    const rules = ['--rules', 'epsilon', '--rules', 'epsilon-plus', '--runs', '1', '--batch', '2'];
    const { code, out } = await cli('bench', path('two'), ...rules);
    expect(code).toBe(0);
    expect(out).toMatch(
      /^predict: [\d.]+ ms, median of 1, batch 2, (cpu|wasm)\n\nrules +plan ms +first call ms +explain ms +explain \/ predict\n/,
    );
    expect(out).toMatch(/\nepsilon-plus( +[\d.]+){4}$/);
  });
});

describe('help', () => {
  test('teaches, and is no error', async () => {
    const { code, out } = await cli('--help');
    expect(code).toBe(0);
    expect(out).toContain('$ npx tfjs-lrp explain my-model cat.jpg --scale 1/255 --out heatmap.png');
    const explain = await cli('explain', '--help', '--backend', 'cpu');
    expect(explain.code).toBe(0);
    expect(explain.out).toContain('data.json#/3/path takes a part of it');
    expect(explain.out.split('\n').filter((line) => line.length > 120)).toEqual([]);
  });
});

describe('errors', () => {
  const complaint = async (...args: string[]) => {
    const before = tensorCount();
    const { code, err } = await cli(...args);
    expect(tensorCount()).toBe(before);
    expect(err).not.toMatch(/\n\s+at /);
    return `${code} ${err}`;
  };

  test('of use', async () => {
    expect(await complaint('explain')).toMatch(/^2 error: missing required argument 'model'/);
    expect(await complaint('explian')).toMatch(/^2 error: unknown command 'explian'/);
    expect(await complaint('plan', 'x', '--ruls', 'a')).toMatch(/^2 error: unknown option '--ruls'/);
    expect(await complaint('explain', 'x', '--sample', '-1')).toMatch(/A whole number from 0 up expected\./);
    expect(await complaint('explain', 'x', '--scale', 'a')).toMatch(
      /^2 .*A number or a fraction such as 1\/255 expected/,
    );
    expect(await complaint('explain', 'x', '--fit', 'zoom')).toMatch(/^2 .*Allowed choices are crop, stretch/);
  });

  test('of files', async () => {
    const row = path('row.csv');
    expect(await complaint('plan', path('none'))).toMatchInlineSnapshot(
      `"3 error: There is no model at FOLDER/none: expected a folder with model.json, or the path of such a file."`,
    );
    expect(await complaint('explain', path('table'))).toMatchInlineSnapshot(
      `"3 error: The model has 1 input, received 0. Give one INPUT."`,
    );
    expect(await complaint('explain', path('table'), path('none.csv'))).toMatch(
      /^3 error: Cannot read FOLDER\/none\.csv: ENOENT/,
    );
    expect(await complaint('explain', path('table'), path('table'))).toBe('3 error: FOLDER/table is not a file.');
    expect(await complaint('explain', path('two'), row, row)).toMatchInlineSnapshot(
      `"3 error: There is no file for input "a". Give a=FILE b=FILE."`,
    );
    expect(await complaint('explain', path('table'), path('left.json'))).toMatch(
      /^3 error: Input "hidden_input\w*" takes \[4\], or several such samples; the file holds \[2\]\.$/,
    );
    expect(await complaint('explain', path('words'), '--text', 'good')).toMatchInlineSnapshot(
      `"3 error: A text needs the vocabulary that the model was trained with: --vocabulary FILE."`,
    );
    expect(await complaint('explain', path('table'), row, '--setup', path('none.mjs'))).toMatch(
      /^3 error: The setup module/,
    );
  });

  test('of results, before anything is done or written', async () => {
    const row = path('row.csv');
    const first = ['--out', path('first.svg')];
    const refused = async (...args: string[]) => {
      const answer = await complaint('explain', path('table'), row, ...first, ...args);
      await expect(stat(path('first.svg'))).rejects.toThrow('ENOENT');
      return answer;
    };
    expect(await refused('--out', path('a.gif'))).toMatch(
      /^2 .*'--out <file>' argument 'FOLDER\/a\.gif' is invalid\. A file name expected that ends in \.png, \.svg, \.html, or \.npy\./,
    );
    expect(await refused('--report', path('a.pdf'))).toMatch(/^2 .*that ends in \.html or \.htm\./);
    expect(await refused('--json', path('all'))).toMatch(/^2 .*that ends in \.json\./);
    expect(await refused('--out', path('a.html'))).toBe(
      '3 note: the file holds 2 samples; this is number 0 (--sample N)\n' +
        'error: There is no picture of this input as ".html" (--out FOLDER/a.html). Expected one of .svg, .png, .npy.',
    );
    expect(await refused('--json', path('row.csv/a.json'))).toBe(
      '3 error: Cannot write FOLDER/row.csv/a.json: FOLDER/row.csv is not a folder',
    );
    await mkdir(path('folder.svg'));
    expect(await refused('--out', path('folder.svg'))).toBe('3 error: Cannot write FOLDER/folder.svg: it is a folder');
    expect(await refused('--out', path('first.svg'))).toBe(
      '3 error: Two results would be written to FOLDER/first.svg. Give each a file of its own.',
    );
    // Before the model is looked for.
    expect(await complaint('explain', path('none'), row, '--out', path('row.csv/a.svg'))).toMatch(
      /^3 error: Cannot write/,
    );
  });

  test('of broken files', async () => {
    const png = await readFile(path('noise.png'));
    await writeFile(path('cut.png'), png.subarray(0, 100));
    await writeFile(path('nan.csv'), '1,2,NaN,4\n5,6,7,8\n5,x,7,8');
    expect(await complaint('explain', path('pictures'), path('cut.png'))).toMatch(
      /^3 error: FOLDER\/cut\.png is a damaged PNG: its end is missing\.$/,
    );
    await writeFile(path('empty.csv'), '');
    expect(await complaint('explain', path('table'), path('empty.csv'))).toBe('3 error: FOLDER/empty.csv is empty.');
    expect(await complaint('explain', path('series'), path('samples.json'))).toBe(
      '3 error: FOLDER/samples.json has an object at "/0". A finite number expected, a list of them, or a text. ' +
        'Name the part that is the input, such as FOLDER/samples.json#/0/points',
    );
    expect(await complaint('explain', path('series'), `${path('samples.json')}#/1/points`)).toBe(
      '3 error: FOLDER/samples.json has nothing at "/1". It has "0".',
    );
    expect(await complaint('explain', path('series'), `${path('samples.json')}#0/points`)).toBe(
      '3 error: A part of a JSON file is named from a slash on: FOLDER/samples.json#/0/points, not FOLDER/samples.json#0/points.',
    );
    expect(await complaint('explain', path('words'), '--text', 'dull', '--vocabulary', path('vocabulary.csv'))).toBe(
      '3 error: The vocabulary of 3 words lacks "dull". Say which number such words have: --unknown 0.',
    );
    expect(await complaint('explain', path('table'), path('nan.csv'))).toBe(
      '3 error: FOLDER/nan.csv has "NaN" in row 1, column 3. A finite number expected.',
    );
    await saveTable(path('broken'));
    await rm(path('broken/weights.bin'));
    expect(await complaint('plan', path('broken'))).toMatch(
      /^3 error: Cannot read the weights FOLDER\/broken\/weights\.bin, which model\.json names/,
    );
    await writeFile(
      path('broken/model.json'),
      '{"modelTopology": {"class_name": "Sequential", "config": 5}, "weightsManifest": []}',
    );
    expect(await complaint('plan', path('broken'))).toMatch(/^3 error: The model at FOLDER\/broken cannot be loaded: /);
    await writeFile(path('long.txt'), 'good '.repeat(4_000_000));
    const long = ['--vocabulary', path('vocabulary.csv')];
    expect(await complaint('explain', path('words'), path('long.txt'), ...long)).toBe(
      '3 error: FOLDER/long.txt holds 20000000 bytes; at most 16777216 are read of such a file.',
    );
  });

  test('and results never reach for the terminal: labels from files are only read', async () => {
    const labels = path('labels.txt');
    await writeFile(labels, '\u001b]0;owned\u0007red\n\u001b[2Jblue\n\u009b5Agreen');
    const { code, out, err } = await cli('explain', path('table'), path('row.csv'), '--labels', labels);
    expect(code).toBe(0);
    expect(out).toContain('\uFFFD[2Jblue');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there.
    expect(out + err).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });

  test('of rules and targets', async () => {
    const row = path('row.csv');
    expect(await complaint('plan', path('table'), '--rules', 'epsilonn')).toMatch(
      /^4 error: There is no preset "epsilonn"\. Nearest: /,
    );
    expect(await complaint('explain', path('table'), row, '--target', '7')).toMatch(
      /^4 .*There is no unit 7 at output "classes"\. Allowed: 0 to 2\./s,
    );
    expect(await complaint('explain', path('table'), row, '--target', 'dog')).toMatch(
      /^4 error: No unit is called "dog"/,
    );
    expect(await complaint('explain', path('table'), row, '--target', 'fox')).toBe(
      '4 error: 3 units are called something like "fox": 0 "red fox, Vulpes", 1 "grey fox", 3 "haired fox terrier". Give the number.',
    );
    expect(await complaint('explain', path('table'), row, '--against', '1')).toMatch(
      /^4 error: --against sets a unit against others/,
    );
    const inputs = [`a=${path('left.json')}`, `b=${path('right.json')}`];
    expect(await complaint('explain', path('two'), ...inputs)).toMatch(
      /^4 .*The model has 2 outputs: .* Here: --output NAME\.$/s,
    );
  });

  test('of numbers', async () => {
    await writeFile(path('huge.json'), '[3e38, 3e38, 3e38, 3e38]');
    expect(await complaint('explain', path('table'), path('huge.json'))).toMatch(/^5 error: .* is not finite/s);
  });

  test('by interruption', async () => {
    const { code, err } = await run(['explain', path('table'), path('row.csv')], path(''), AbortSignal.abort());
    expect(code).toBe(130);
    expect(err).toContain('error: The explanation was aborted before it began.');
  });
});
