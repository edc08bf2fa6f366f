// Every command that the guide shows runs, and prints what the guide says.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { run, scratch } from './tools.js';

const root = join(import.meta.dirname, '../../..');
const guide = readFileSync(join(root, 'docs/command-line.md'), 'utf8');
const commands = [...guide.matchAll(/^npx tfjs-lrp (.+)$/gm)].map(([, command = '']) => command);
const { path, remove } = await scratch();
afterAll(remove);

/** The words of a command; files of the repository by their place, results in the scratch folder. */
function wordsOf(command: string): string[] {
  return command
    .split(' ')
    .map((word) => (word.startsWith('examples/') ? join(root, word) : word.replace(/^heatmap/, path('heatmap'))));
}

test('the guide has commands', () => {
  expect(commands.length).toBeGreaterThan(6);
});

test.each(commands)('%s', async (command) => {
  const { code, out } = await run(wordsOf(command), path(''));
  expect(code).toBe(0);
  expect(out.length).toBeGreaterThan(100);
});

test('prints what is shown below the first one', async () => {
  const [first = ''] = commands;
  const shown = /```text\n([\s\S]*?)```/.exec(guide)?.[1];
  expect((await run(wordsOf(first), path(''))).out.trim()).toBe(shown?.trim());
});
