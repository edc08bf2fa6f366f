// What the guide to datasets shows of workers runs as it stands there.
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { all } from '../../dataset/tools.js';
import { builtDoor, builtModule } from './built.js';
import { common, plainItems, savedModel } from './tools.js';

const guide = readFileSync(join(import.meta.dirname, '../../../docs/datasets.md'), 'utf8');
const blockOf = (info: string) => new RegExp(`^\`\`\`${info}\n([\\s\\S]*?)^\`\`\``, 'm').exec(guide)?.[1] ?? '';
const { explainDatasetInWorkers } = await builtDoor();
const { path, remove } = await savedModel();
afterAll(remove);

test('the loop', async () => {
  const code = blockOf('ts node')
    .replace("'tfjs-lrp/node'", `'${builtModule('node').href}'`)
    .replace("'my-model'", JSON.stringify(path))
    .replace('workers: 2', `workers: 2, execArgv: [], backend: '${common.backend}'`);
  await writeFile(join(path, 'loop.mjs'), code);
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await import(/* @vite-ignore */ join(path, 'loop.mjs'));
  expect(log.mock.calls).toEqual([[4]]);
  log.mockRestore();
});

test('the setup module', async () => {
  const setup = join(path, 'setup.mjs');
  await writeFile(setup, blockOf('ts node setup').replace("'tfjs-lrp'", `'${builtModule('index').href}'`));
  const results = await all(explainDatasetInWorkers<string>(path, plainItems(2), { ...common, setup }));
  expect(results.map(({ value }) => value)).toEqual(['0: function', '1: function']);
});
