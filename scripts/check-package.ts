// Checks what users will install: packs the built library, installs it with its peer dependencies in a scratch project,
// runs it as ESM, as CommonJS and bundled, type-checks a consumer, lints the package and weighs it. Wants `npm run build`
// before it. Every check runs; the exit code is 1 when one fails.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

/**
 * Size of everything the package exports, minified and compressed by gzip, without TensorFlow.js: what is aimed at, and
 * what a change must not exceed. The adapters of all tfjs layers come with the default registry, so `explain` alone is
 * hardly smaller.
 */
const GOAL = 25_000;
const CEILING = 75_000;

/** Most that one rule on its own may take: a rule is data, and brings neither the engine nor other rules. */
const RULE_CEILING = 1_500;

/**
 * Most that a page pays at its start for one kind of picture: colour maps and the PNG encoder are most of it. The plotting
 * library of charts is not counted: it comes when the first is drawn.
 */
const PICTURE_CEILINGS = { tokensHtml: 17_000, tokensAnsi: 16_000, heatmap: 28_000, topBars: 25_000 } as const;

/** What is loaded only for charts, and what vite puts in place of Node's own modules. */
const UNWANTED = /@observablehq|linkedom|browser-external/;

const PEERS = /^@tensorflow\//;

const root = dirname(import.meta.dirname);
const scratch = mkdtempSync(join(tmpdir(), 'check-package-'));
let passed = 0;
let failed = 0;

/** A tiny model with known relevance: on one Dense layer without bias each input earns `x w` of the stronger unit. */
const EXAMPLE = `
  await tf.setBackend('cpu');
  const dense = tfl.layers.dense({ units: 2, useBias: false, inputShape: [2] });
  const model = tfl.sequential({ layers: [dense] });
  dense.setWeights([tf.tensor2d([[1, 2], [1, -3]])]);
  const explanation = explain(model, tf.tensor2d([[5, 1]]), 'epsilon');
  const relevance = Array.from(await explanation.inputs[0].relevance.data());
  const { verdict } = await explanation.conservation();
  if (Math.abs(relevance[0] - 10) > 1e-4 || Math.abs(relevance[1] + 3) > 1e-4) throw new Error('got ' + relevance);
  if (verdict !== 'closed') throw new Error('the ledger is ' + verdict);
`;

const ESM = `
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-cpu';
import { explain } from 'tfjs-lrp';
${EXAMPLE}`;

const COMMON_JS = `
const tf = require('@tensorflow/tfjs-core');
const tfl = require('@tensorflow/tfjs-layers');
require('@tensorflow/tfjs-backend-cpu');
const { explain } = require('tfjs-lrp');
(async () => {${EXAMPLE}})().catch((error) => { console.error(error); process.exitCode = 1; });
`;

const CONSUMER = `
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Tensor } from '@tensorflow/tfjs-core';
import { type Composite, combine, composite, epsilon, epsilonPlus, type Explanation, explain, flat, type Rule } from 'tfjs-lrp';

const rule: Rule = epsilon(1e-3);
const rules: Composite = combine(composite('mine', [{ match: 'first', rule: flat() }]), epsilonPlus());
export function first(model: LayersModel, input: Tensor): Tensor | undefined {
  const explanation: Explanation = explain(model, input, rules, { target: 0 });
  explain(model, input, rule);
  // @ts-expect-error a number is no set of rules
  explain(model, input, 5);
  return explanation.inputs[0]?.relevance;
}
`;

/** The parts beside the library itself, and the command. */
const PARTS = `
import { heatmap, tokensHtml } from 'tfjs-lrp/render';
import * as node from 'tfjs-lrp/node';
if (typeof heatmap !== 'function' || Object.keys(node).length === 0) throw new Error('a part is empty');
if (!tokensHtml([{ token: '<b>', position: 0, relevance: 1 }]).includes('&lt;b&gt;')) throw new Error('not escaped');
`;

const PARTS_COMMON_JS = `
const { heatmap } = require('tfjs-lrp/render');
const node = require('tfjs-lrp/node');
if (typeof heatmap !== 'function' || Object.keys(node).length === 0) throw new Error('a part is empty');
`;

try {
  const tarball = packAndInstall();
  check('import as ESM', () => runNode('example.mjs', ESM));
  check('require as CommonJS', () => runNode('example.cjs', COMMON_JS));
  check('parts as ESM', () => runNode('parts.mjs', PARTS));
  check('parts as CommonJS', () => runNode('parts.cjs', PARTS_COMMON_JS));
  check('the command', () => run(join(scratch, 'node_modules/.bin/tfjs-lrp'), ['--help']));
  check('types for a consumer (NodeNext)', () => typeCheck(['consumer.ts', 'consumer.cts']));
  await checkAsync('bundle for a browser (vite)', async () => {
    await bundle('page.js', ESM, []);
    // A bundle of TensorFlow.js for browsers does not start in Node; the library alone has to run there too.
    runNode('bundled.mjs', await bundle('library.js', ESM, [PEERS]));
  });
  check('publint', () => run(process.execPath, [binOf('publint'), 'run', tarball, '--strict']));
  check('are the types wrong', () => run(process.execPath, [binOf('@arethetypeswrong/cli'), tarball]));
  await checkAsync('size', async () => {
    const all = await weigh('all.js', "export * from 'tfjs-lrp';");
    const one = await weigh('one.js', "export { explain } from 'tfjs-lrp';");
    const rule = await weigh('rule.js', "export { epsilon } from 'tfjs-lrp';");
    console.log(
      `  everything     ${all}\n  explain alone  ${one}\n  one rule       ${rule}\n  goal           ${kilobytes(GOAL)} kB gzip, ceiling ${kilobytes(CEILING)} kB`,
    );
    if (rule.gzip > RULE_CEILING)
      throw new Error(`one rule takes ${kilobytes(rule.gzip)} kB gzip: it brings the engine`);
    if (all.gzip > CEILING) throw new Error(`${kilobytes(all.gzip)} kB gzip is more than ${kilobytes(CEILING)} kB`);
  });
  await checkAsync('pictures cost only who draws them', async () => {
    for (const [name, ceiling] of Object.entries(PICTURE_CEILINGS)) {
      const only = `export { ${name} } from 'tfjs-lrp/render';`;
      const weight = await weigh(`${name}.js`, only);
      console.log(`  ${name.padEnd(14)} ${weight}`);
      if (weight.gzip > ceiling) throw new Error(`${name} takes more than ${kilobytes(ceiling)} kB gzip`);
      await expectLean(`${name}.js`, only);
    }
    await expectLean('one.js', "export { explain } from 'tfjs-lrp';");
  });
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function packAndInstall(): string {
  if (!existsSync(join(root, 'dist/index.js'))) throw new Error('There is no dist folder. Run `npm run build` first.');
  const answer = JSON.parse(
    npm(['pack', '--json', '--ignore-scripts', '--pack-destination', scratch], root),
  ) as readonly { readonly filename: string; readonly files: readonly { readonly path: string }[] }[];
  const [packed] = answer;
  if (!packed) throw new Error('npm pack packed nothing');
  console.log(`${packed.filename}: ${packed.files.map((file) => file.path).join(', ')}\n`);
  const tarball = join(scratch, packed.filename);
  const peers = ['core', 'layers', 'backend-cpu'].map((part) => `@tensorflow/tfjs-${part}`);
  write('package.json', {
    private: true,
    type: 'module',
    dependencies: {
      'tfjs-lrp': `file:${packed.filename}`,
      ...Object.fromEntries(peers.map((peer) => [peer, versionOf(peer)])),
    },
  });
  npm(['install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline'], scratch);
  return tarball;
}

function typeCheck(files: readonly string[]): void {
  for (const file of files) writeFileSync(join(scratch, file), CONSUMER);
  // tfjs' own declarations have errors, hence skipLibCheck.
  const compilerOptions = {
    module: 'NodeNext',
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    lib: ['ES2022', 'DOM'],
  };
  write('tsconfig.json', { compilerOptions: { ...compilerOptions, types: [] }, files });
  run(process.execPath, [binOf('typescript', 'tsc'), '-p', scratch]);
}

/** The chunks of a bundle: that of the entry, and those that are loaded when they are asked for. */
async function chunksOf(file: string, code: string, external: readonly RegExp[]) {
  writeFileSync(join(scratch, file), code);
  const result = await build({
    root: scratch,
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      minify: true,
      target: 'es2022',
      rolldownOptions: { input: join(scratch, file), external: [...external], preserveEntrySignatures: 'strict' },
    },
  });
  const [output] = Array.isArray(result) ? result : [result];
  if (!output || !('output' in output)) throw new Error('vite wrote nothing');
  return output.output.flatMap((chunk) => (chunk.type === 'chunk' ? [chunk] : []));
}

/** Bundles a module of the scratch project and answers its minified code, that of later chunks included. */
async function bundle(file: string, code: string, external: readonly RegExp[]): Promise<string> {
  return (await chunksOf(file, code, external)).map((chunk) => chunk.code).join('');
}

/** @throws if the code needs the plotting library from its start, or a module that only Node has. */
async function expectLean(file: string, code: string): Promise<void> {
  const atStart = (await chunksOf(file, code, [PEERS])).filter((chunk) => !chunk.isDynamicEntry);
  const unwanted = atStart.flatMap((chunk) => chunk.moduleIds).filter((id) => UNWANTED.test(id));
  if (unwanted.length > 0) throw new Error(`${code} brings ${unwanted.join(', ')}`);
}

async function weigh(file: string, code: string) {
  const atStart = (await chunksOf(file, code, [PEERS])).filter((chunk) => !chunk.isDynamicEntry);
  const bytes = Buffer.from(atStart.map((chunk) => chunk.code).join(''));
  const gzip = gzipSync(bytes, { level: 9 }).length;
  return { gzip, toString: () => `${kilobytes(bytes.length)} kB minified, ${kilobytes(gzip)} kB gzip` };
}

function kilobytes(bytes: number): string {
  return (bytes / 1000).toFixed(1);
}

function check(name: string, body: () => void): void {
  try {
    body();
    report(name);
  } catch (error) {
    report(name, error);
  }
}

async function checkAsync(name: string, body: () => Promise<void>): Promise<void> {
  try {
    await body();
    report(name);
  } catch (error) {
    report(name, error);
  }
}

function report(name: string, error?: unknown): void {
  if (error === undefined) passed += 1;
  else failed += 1;
  console.log(`${error === undefined ? 'pass' : 'FAIL'}  ${name}`);
  if (error !== undefined) console.log(error instanceof Error ? error.message : error);
}

function runNode(file: string, code: string): void {
  writeFileSync(join(scratch, file), code);
  run(process.execPath, [join(scratch, file)]);
}

function npm(args: readonly string[], cwd: string): string {
  return run('npm', args, cwd);
}

/** Runs a command and answers what it printed; throws with all of it when it fails. */
function run(command: string, args: readonly string[], cwd = scratch): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}\n${stdout}${stderr}`);
  return stdout;
}

/** The script behind a command of an installed package. */
function binOf(name: string, command?: string): string {
  const { bin } = manifestOf(name);
  const file = typeof bin === 'string' ? bin : bin?.[command ?? Object.keys(bin)[0] ?? ''];
  if (file === undefined) throw new Error(`${name} has no command`);
  return join(root, 'node_modules', name, file);
}

function versionOf(name: string): string {
  return manifestOf(name).version;
}

function manifestOf(name: string): { readonly version: string; readonly bin?: string | Record<string, string> } {
  return JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'));
}

function write(file: string, content: object): void {
  writeFileSync(join(scratch, file), JSON.stringify(content, null, 2));
}
