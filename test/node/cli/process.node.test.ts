// The command line as a process: streams, exit code, and nothing of a stack.
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, inject, test } from 'vitest';
import { saveTable, saveWords, scratch } from './tools.js';

const root = join(import.meta.dirname, '../../..');
const { path, remove } = await scratch();
afterAll(remove);
await saveTable(path('table'));
await saveWords(path('words'));

function start(...args: string[]) {
  const command = ['--import', 'tsx', join(root, 'src/node/cli.ts'), ...args, '--backend', inject('backend')];
  return spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8' });
}

test('results on one stream, an exit code of zero', () => {
  const { status, stdout, stderr } = start('plan', path('table'), '--rules', 'epsilon');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/^Plan of "table" with epsilon\n/);
});

test('errors on the other, in one line', () => {
  const { status, stdout, stderr } = start('plan', path('none'));
  expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
  expect(stderr).toMatch(
    /^error: There is no model at .*none: expected a folder with model\.json, or the path of such a file\.\n$/,
  );
});

test('nothing of what only the maker of a model could change', async () => {
  const file = path('words/model.json');
  const json = await readFile(file, 'utf8');
  // As Keras wrote recurrent layers long ago.
  await writeFile(file, json.replace('"implementation":null', '"implementation":0'));
  expect(await readFile(file, 'utf8')).not.toBe(json);
  const { status, stderr } = start('plan', path('words'));
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});
