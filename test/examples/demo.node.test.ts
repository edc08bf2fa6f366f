// `npm run demo` does what the README says, and draws the picture at its top.
import { readFile } from 'node:fs/promises';
import { afterAll, expect, test } from 'vitest';
import { run, scratch } from '../node/cli/tools.js';
import { expectSamePicture } from '../render/expect-picture.js';

const { path, remove } = await scratch();
afterAll(remove);

/** What the script hands to the command line, with another place for the picture. */
async function demo(out: string): Promise<string[]> {
  const { scripts } = JSON.parse(await readFile('package.json', 'utf8')) as { scripts: { demo: string } };
  const [runner, file, ...args] = scripts.demo.split(' ');
  expect([runner, file]).toEqual(['tsx', 'src/node/cli.ts']);
  return args.map((arg) => (arg === 'heatmap.png' ? out : arg));
}

test('the demo prints plan, ledger and how much lies on the shape, and draws', async () => {
  const { code, out, err } = await run(await demo(path('heatmap.png')), path(''));
  expect({ code, err }).toEqual({ code: 0, err: 'written: FOLDER/heatmap.png' });
  expect(out).toContain('unit 2 (triangle)');
  expect(out).toContain('Plan of "shapes" with epsilon-gamma-box');
  expect(out).toContain('Closed: largest relative residual');
  expect(out).toContain('Positive relevance inside the mask: 69.2 %, which is 8.0 % of the picture');
  await expectSamePicture('docs/images/heatmap.png', await readFile(path('heatmap.png')));
});
