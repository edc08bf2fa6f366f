// Everything that README.md and the guides show is run and type-checked, and what they say is printed is compared. With
// UPDATE_GUIDES=1 what is printed is written into the guides instead.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, inject, test, vi } from 'vitest';
import { readGuide, withOutputs } from './guide.js';

declare global {
  /** Called by the code of a guide where a block begins, with the line of its fence. */
  var beginBlock: (line: number) => void;
}

const backend = inject('backend');
const root = join(import.meta.dirname, '../..');
const folder = join(root, 'build/guides', backend);
const files = ['README.md', ...readdirSync(join(root, 'docs')).map((file) => `docs/${file}`)].filter((file) =>
  file.endsWith('.md'),
);

mkdirSync(folder, { recursive: true });
const guides = files.map((file) => {
  const guide = readGuide(readFileSync(join(root, file), 'utf8'), '../../../src/index.js');
  const module = join(folder, `${basename(file, '.md')}.ts`);
  writeFileSync(module, guide.code);
  for (const [index, code] of guide.browserCode.entries()) {
    writeFileSync(join(folder, `${basename(file, '.md')}-browser-${index}.ts`), code);
  }
  return { file, module, ...guide };
});

afterEach(async () => {
  vi.restoreAllMocks();
  await tf.setBackend(backend);
});

describe('guides', () => {
  test('the documentation site lists every guide, in an order of its own', () => {
    const { projectDocuments } = JSON.parse(readFileSync(join(root, 'typedoc.json'), 'utf8')) as {
      projectDocuments: string[];
    };
    expect([...projectDocuments].sort()).toEqual(files.filter((file) => file.startsWith('docs/')).sort());
  });

  test.each(guides)('$file runs', async ({ file, module, outputs }) => {
    const printed = new Map<number, string[]>();
    let current: string[] = [];
    globalThis.beginBlock = (line) => {
      current = [];
      printed.set(line, current);
    };
    vi.spyOn(console, 'log').mockImplementation((...values) => void current.push(values.join(' ')));
    await import(/* @vite-ignore */ module);
    // Last digits differ from backend to backend.
    if (backend !== 'cpu') return;
    if (process.env.UPDATE_GUIDES) return update(file, printed);
    for (const [line, output] of outputs) {
      expect(tidy(printed.get(line)?.join('\n') ?? ''), `printed by the block at ${file}:${line + 1}`).toBe(
        tidy(output),
      );
    }
  });

  test.runIf(backend === 'cpu')('type-check', () => {
    const compilerOptions = {
      target: 'ES2022',
      module: 'ESNext',
      moduleResolution: 'Bundler',
      lib: ['ES2022', 'DOM', 'DOM.Iterable'],
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      types: ['node'],
    };
    const declaration = 'declare var beginBlock: (line: number) => void;\n';
    writeFileSync(join(folder, 'begin-block.d.ts'), declaration);
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { cwd: root, encoding: 'utf8' });
    // The sources have a check of their own.
    expect(stdout.split('\n').filter((line) => line !== '' && !line.startsWith('src/'))).toEqual([]);
  });
});

function update(file: string, printed: ReadonlyMap<number, readonly string[]>): void {
  const outputs = new Map([...printed].map(([line, texts]) => [line, tidy(texts.join('\n'))]));
  writeFileSync(join(root, file), withOutputs(readFileSync(join(root, file), 'utf8'), outputs));
}

/** Without spaces at line ends. */
function tidy(text: string): string {
  return text.replace(/[ \t]+$/gm, '').trim();
}
