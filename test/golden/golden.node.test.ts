// Every expectation of every case of a folder: test/golden/cases, or the one in GOLDEN_DIR.
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { checkExpectation, checkForward, type OpenCase, openCase } from './check-case.js';
import { formatDifference } from './compare.js';
import { allowedNames, judge } from './judge.js';
import { buildModel, type GoldenCase, loadCases } from './load-case.js';

const folder = process.env.GOLDEN_DIR ?? fileURLToPath(new URL('./cases', import.meta.url));
const allowed = allowedNames(process.env.GOLDEN_ALLOW);
const tally = { agree: 0, worst: 0, where: '', left: [] as string[] };

for (const golden of loadCases(folder)) describe(golden.name, () => testCase(golden));

afterAll(() => {
  const left =
    tally.left.length === 0 ? '' : `\n${tally.left.length} left out by GOLDEN_ALLOW: ${tally.left.join(', ')}`;
  console.info(`${tally.agree} expectations agree; farthest off: ${tally.where}${left}`);
});

function testCase(golden: GoldenCase): void {
  let open: OpenCase;
  beforeAll(async () => {
    open = openCase(golden, await buildModel(golden));
  });
  afterAll(() => {
    for (const disposable of [...open.inputs, open.model]) disposable.dispose();
  });
  test('forward', () => {
    judge(golden.name, 'forward', checkForward(open), new Set());
  });
  for (const expectation of golden.expected.expectations) {
    test(expectation.name, (context) => {
      const place = `${golden.name}/${expectation.name}`;
      const verdict = checkExpectation(open, expectation);
      const reason = judge(golden.name, expectation.name, verdict, allowed);
      if (reason !== null) {
        tally.left.push(place);
        context.skip(reason);
      }
      if (verdict.status !== 'agrees') return;
      tally.agree += 1;
      if (verdict.worst.error < tally.worst) return;
      tally.worst = verdict.worst.error;
      tally.where = `${place}, ${formatDifference(verdict.worst)}`;
    });
  }
}
