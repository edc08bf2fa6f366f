// Workers beside sources, as the benchmarks use them: Node runs TypeScript there with a loader.
import { expect, test } from 'vitest';
import { explainDatasetInWorkers } from '../../../src/node/index.js';
import { all } from '../../dataset/tools.js';
import { common, plainItems, savedModel } from './tools.js';

test('a worker runs the sources under tsx', async () => {
  const { path, remove } = await savedModel();
  const options = { ...common, workers: 1, execArgv: ['--import', 'tsx'], target: 1 };
  const results = await all(explainDatasetInWorkers(path, plainItems(3), options));
  expect(results.map(({ index, value }) => [index, value.unit])).toEqual([
    [0, 1],
    [1, 1],
    [2, 1],
  ]);
  await remove();
});
