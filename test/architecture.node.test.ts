import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const src = fileURLToPath(new URL('../src', import.meta.url));

/** Rows of the floor plan, top first: a file imports only from its own folder or from rows above. */
const ROWS: readonly (readonly string[])[] = [
  ['address.ts', 'errors.ts', 'names.ts', 'text-table.ts', 'tensors', 'kernels'],
  ['steps'],
  ['rules'],
  ['graph'],
  ['layers', 'composites'],
  ['canonize'],
  ['plan'],
  ['propagate'],
  ['explanation'],
  ['explain.ts'],
  ['index.ts'],
];

/** Imports between folders of one row that the floor plan allows: numbers may use numbers, matching names layer types. */
const NEIGHBOURS: readonly (readonly [string, string])[] = [
  ['tensors', 'errors.ts'],
  ['kernels', 'tensors'],
  ['kernels', 'errors.ts'],
  ['names.ts', 'errors.ts'],
  ['address.ts', 'errors.ts'],
  ['composites', 'layers'],
];

interface Source {
  readonly path: string;
  readonly room: string;
  readonly text: string;
}

const sources = sourcesIn(src);

function sourcesIn(folder: string): Source[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sourcesIn(path);
    return { path: relative(src, path), room: roomOf(path), text: readFileSync(path, 'utf8') };
  });
}

function roomOf(path: string): string {
  return relative(src, path).split('/')[0] ?? '';
}

function rowOf(room: string): number {
  return ROWS.findIndex((row) => row.includes(room));
}

function importsOf({ path, text }: Source): string[] {
  const own = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)];
  return own.map((match) => resolve(dirname(join(src, path)), (match[1] ?? '').replace(/\.js$/, '.ts')));
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');
}

describe('the floor plan', () => {
  it('has a row for everything in src', () => {
    const rooms = [...new Set(sources.map((source) => source.room))].sort();
    expect(rooms).toEqual(ROWS.flat().sort());
  });

  it('is followed by every import', () => {
    const violations = sources.flatMap((source) =>
      importsOf(source).flatMap((target) => {
        const room = roomOf(target);
        if (room === source.room) return [];
        const allowed = NEIGHBOURS.some(([from, to]) => from === source.room && to === room);
        return rowOf(room) < rowOf(source.room) || allowed ? [] : [`${source.path} imports ${relative(src, target)}`];
      }),
    );
    expect(violations).toEqual([]);
  });

  it('notices an import that goes down', () => {
    const planted: Source = { path: 'kernels/x.ts', room: 'kernels', text: "import { y } from '../steps/step.js';" };
    expect(importsOf(planted).map((target) => rowOf(roomOf(target)) < rowOf('kernels'))).toEqual([false]);
  });
});

describe('manners of src', () => {
  it.each([
    ['deep imports of tfjs', /@tensorflow\/[a-z-]+\/(dist|src)\//],
    ['blocking reads', /\.(dataSync|arraySync)\(/],
    ['any', /:\s*any\b|<any>|\bas any\b/],
    ['chained tensor methods', /\)\.(add|sub|mul|div|relu|reshape)\(/],
    ['instanceof on classes of tfjs-layers', /instanceof (tfl?|layers)\.(layers\.)?(LayersModel|Sequential|Layer|RNN)/],
  ])('has no %s', (_what, pattern) => {
    const found = sources.filter(({ text }) => pattern.test(withoutComments(text))).map(({ path }) => path);
    expect(found).toEqual([]);
  });

  it('differentiates automatically only where the user asks for an approximation', () => {
    const found = sources.filter(({ text }) =>
      /\btf\.(grads?|valueAndGrads?|variableGrads)\(/.test(withoutComments(text)),
    );
    expect(
      found.map(({ path }) => path).filter((path) => !path.includes('approximate') && !path.includes('opaque')),
    ).toEqual([]);
  });

  it('imports tfjs-layers for its types only', () => {
    const found = sources.filter(({ text }) => /^import (?!type\b).*from '@tensorflow\/tfjs-layers'/m.test(text));
    expect(found.map(({ path }) => path)).toEqual([]);
  });

  it('keeps files below 300 lines', () => {
    const long = sources.filter(({ text }) => text.split('\n').length > 300).map(({ path }) => path);
    expect(long.filter((path) => path !== 'index.ts')).toEqual([]);
  });
});
