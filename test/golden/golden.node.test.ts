// Every expectation of every case of a folder: test/golden/cases, or the one in GOLDEN_DIR.
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { checkExpectation, checkForward, type OpenCase, openCase } from './check-case.js';
import { allowedNames, judge } from './judge.js';
import { buildModel, type GoldenCase, loadCases } from './load-case.js';
import { Tally } from './tally.js';

const folder = process.env.GOLDEN_DIR ?? fileURLToPath(new URL('./cases', import.meta.url));
const allowed = allowedNames(process.env.GOLDEN_ALLOW);
const tally = new Tally();

for (const golden of loadCases(folder)) describe(golden.name, () => testCase(golden));

afterAll(() => console.info(`${folder}\n${tally}`));

function testCase(golden: GoldenCase): void {
  let open: OpenCase; // stays unset where the model cannot be built
  beforeAll(async () => {
    open = openCase(golden, await buildModel(golden));
  });
  afterAll(() => {
    for (const disposable of open ? [...open.inputs, open.model] : []) disposable.dispose();
  });
  test('forward', () => {
    const verdict = checkForward(open);
    tally.count(golden.name, 'forward', verdict);
    judge(golden.name, 'forward', verdict, new Set());
  });
  for (const expectation of golden.expected.expectations) {
    test(expectation.name, (context) => {
      const verdict = checkExpectation(open, expectation);
      tally.count(golden.name, expectation.name, verdict);
      const excuse = judge(golden.name, expectation.name, verdict, allowed);
      if (excuse === null) return;
      tally.leave(golden.name, expectation.name);
      context.skip(excuse);
    });
  }
}
