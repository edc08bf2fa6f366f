// What a page pays for: which files of the library, and which packages, a bundle of one import contains.
import { join } from 'node:path';
import { build } from 'vite';
import { expect, inject, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const ENTRY = 'virtual:entry';

/** Modules by whether they load with the page or later, those left without any code not counted. */
async function bundled(code: string): Promise<{ readonly atOnce: string[]; readonly later: string[] }> {
  const entry = {
    name: 'entry',
    resolveId: (id: string) => (id === ENTRY ? ENTRY : null),
    load: (id: string) => (id === ENTRY ? code : null),
  };
  const result = await build({
    root,
    configFile: false,
    logLevel: 'silent',
    plugins: [entry],
    build: {
      write: false,
      minify: false,
      rolldownOptions: { input: ENTRY, external: [/^@tensorflow\//], preserveEntrySignatures: 'strict' },
    },
  });
  const [output] = Array.isArray(result) ? result : [result];
  if (!output || !('output' in output)) throw new Error('vite wrote nothing');
  const chunks = output.output.flatMap((file) => (file.type === 'chunk' ? [file] : []));
  const first = chunks.find((chunk) => chunk.isEntry);
  if (!first) throw new Error('vite wrote no entry');
  const names = new Set([first.fileName]);
  for (const name of names) {
    for (const other of chunks.find((chunk) => chunk.fileName === name)?.imports ?? []) names.add(other);
  }
  const modulesOf = (isFirst: boolean) =>
    chunks
      .filter((chunk) => names.has(chunk.fileName) === isFirst)
      .flatMap((chunk) => Object.entries(chunk.modules))
      .filter(([, module]) => module.renderedLength > 0)
      .map(([id]) => id.replace(`${root}/`, ''));
  return { atOnce: modulesOf(true), later: modulesOf(false) };
}

const take = (names: string, from: string) => `export { ${names} } from ${JSON.stringify(join(root, 'src', from))};`;
const among = (modules: readonly string[], part: string) => modules.filter((id) => id.includes(part));

// The same on every backend.
test.runIf(inject('backend') === 'cpu')('`explain` alone pulls in no picture and none of their packages', async () => {
  const { atOnce, later } = await bundled(take('explain', 'index.ts'));
  expect(among(atOnce, 'src/explain.ts')).toHaveLength(1);
  const all = [...atOnce, ...later];
  for (const part of ['src/render/', 'src/node/', '@observablehq', '/d3-', 'fast-png', 'linkedom']) {
    expect(among(all, part)).toEqual([]);
  }
});

test.runIf(inject('backend') === 'cpu')('a renderer pulls in its own files only, and no charts', async () => {
  const text = await bundled(take('tokensHtml', 'render/index.ts'));
  expect(among(text.atOnce, 'src/render/text/tokens-html.ts')).toHaveLength(1);
  for (const part of ['charts/', 'flow/', 'report/', 'image/']) {
    expect(among(text.atOnce, `src/render/${part}`)).toEqual([]);
  }
  // Its colour bar needs no picture.
  for (const part of ['fast-png', 'fflate']) expect(among(text.atOnce, part)).toEqual([]);
  const image = await bundled(take('heatmap', 'render/index.ts'));
  expect(among(image.atOnce, 'src/render/image/heatmap.ts')).toHaveLength(1);
  for (const part of ['src/render/charts/', 'src/render/flow/', 'src/render/report/', 'src/render/text/']) {
    expect(among(image.atOnce, part)).toEqual([]);
  }
  for (const { atOnce, later } of [text, image]) expect(among([...atOnce, ...later], '@observablehq')).toEqual([]);
});

test.runIf(inject('backend') === 'cpu')(
  'the plotting library comes with the first chart, not with the page',
  async () => {
    const { atOnce, later } = await bundled(take('topBars', 'render/index.ts'));
    expect(among(atOnce, '@observablehq')).toEqual([]);
    expect(among(later, '@observablehq').length).toBeGreaterThan(0);
  },
);
