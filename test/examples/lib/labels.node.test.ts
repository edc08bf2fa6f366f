import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readLabels } from '../../../examples/lib/labels.js';

test('units are called by name, or by number', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'labels-'));
  const file = join(folder, 'labels.json');
  await writeFile(file, '["cat", "dog"]');
  const naming = await readLabels(file);
  expect([naming(1), naming(2), (await readLabels())(0)]).toEqual(['dog', 'unit 2', 'unit 0']);
  await writeFile(file, '{"cat": 0}');
  await expect(readLabels(file)).rejects.toThrow('labels.json is not a JSON list of class names.');
  await expect(readLabels(join(folder, 'none'))).rejects.toThrow('none is not a JSON list');
  await rm(folder, { recursive: true });
});
