// Notebooks are run by `npm run notebooks`. What can be said of them without Jupyter is said here.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

interface Notebook {
  readonly cells: readonly {
    readonly cell_type: string;
    readonly id: string;
    readonly source: readonly string[];
    readonly outputs?: readonly unknown[];
    readonly execution_count?: number | null;
  }[];
  readonly metadata: { readonly kernelspec: { readonly name: string } };
}

const folder = join(import.meta.dirname, '../../examples/notebooks');
const files = readdirSync(folder).filter((file) => file.endsWith('.ipynb'));

test('there is one for pictures, text, series, and own layers and rules', () => {
  expect(files).toEqual(['image.ipynb', 'own-layer-and-rule.ipynb', 'series.ipynb', 'text.ipynb']);
});

describe.each(files)('%s', (file) => {
  const { cells, metadata } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Notebook;
  const code = cells.filter(({ cell_type }) => cell_type === 'code');
  const source = code.map((cell) => cell.source.join('')).join('\n');

  test('is for the TypeScript kernel, begins with a heading, and names its cells apart', () => {
    expect(metadata.kernelspec.name).toBe('tslab');
    expect(cells[0]?.source[0]).toMatch(/^# /);
    expect(new Set(cells.map(({ id }) => id)).size).toBe(cells.length);
  });

  test('holds no outputs', () => {
    expect(code.filter(({ outputs = [], execution_count }) => outputs.length > 0 || execution_count)).toEqual([]);
  });

  test('reads files that are there', () => {
    const paths = [...source.matchAll(/'(\.\.\/[^']+)'/g)].map(([, path = '']) => path);
    expect(paths.filter((path) => !existsSync(join(folder, path)))).toEqual([]);
  });

  test('shows something, and imports the library by its name', () => {
    expect(source).toMatch(/await show\(/);
    expect(source).toMatch(/from 'tfjs-lrp'/);
    expect(source).not.toMatch(/from '\.\.?\//);
  });
});
