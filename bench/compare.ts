// Compares what explanations cost at two revisions of the library, measured in turns by the bench as it is now. Ends with
// code 1 when a row has become dearer. Run `npm run bench:compare -- REVISION_A REVISION_B`.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { compared, LIMIT, type Turn, tableOfComparison } from './comparison.js';
import type { Row } from './row.js';

const USAGE = `npm run bench:compare -- REVISION_A REVISION_B [options]
  --turns N          runs of both revisions, one after the other (3)
  --only, --width (0.25), --runs (3), --settle (3): as those of npm run bench`;

const ROOT = dirname(import.meta.dirname);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    turns: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
    width: { type: 'string', default: '0.25' },
    runs: { type: 'string', default: '3' },
    settle: { type: 'string', default: '3' },
  },
});
const [before, after] = positionals;
if (before === undefined || after === undefined || !(Number(values.turns) >= 1)) throw new Error(USAGE);
// The child that measures ends by itself; the worktrees are then removed.
process.on('SIGINT', () => {});
const folder = await mkdtemp(join(tmpdir(), 'bench-compare-'));
const places: string[] = [];
try {
  const comparisons = compared(await inTurns(await checkOut('a', before), await checkOut('b', after)));
  console.log(tableOfComparison(comparisons));
  if (comparisons.some(({ ratio }) => ratio > LIMIT)) process.exitCode = 1;
} finally {
  for (const place of places) git('worktree', 'remove', '--force', place);
  await rm(folder, { recursive: true });
}

function git(...args: readonly string[]): void {
  execFileSync('git', args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
}

/** A worktree of a revision with the packages and the bench of this one. */
async function checkOut(name: string, revision: string): Promise<string> {
  const place = join(folder, name);
  git('worktree', 'add', '--quiet', '--detach', place, revision);
  places.push(place);
  await symlink(join(ROOT, 'node_modules'), join(place, 'node_modules'), 'junction');
  await rm(join(place, 'bench'), { recursive: true, force: true });
  await cp(join(ROOT, 'bench'), join(place, 'bench'), { recursive: true });
  return place;
}

/** Who goes first changes from turn to turn, so that a machine that slows down favours none. */
async function inTurns(a: string, b: string): Promise<Turn[]> {
  const turns: Turn[] = [];
  for (let turn = 0; turn < Number(values.turns); turn++) {
    const first = await measure(turn % 2 === 0 ? a : b);
    const second = await measure(turn % 2 === 0 ? b : a);
    turns.push(turn % 2 === 0 ? { before: first, after: second } : { before: second, after: first });
  }
  return turns;
}

async function measure(place: string): Promise<Row[]> {
  const json = join(place, 'rows.json');
  const { only, width, runs, settle } = values;
  const options = { only, width, runs, settle, json };
  const args = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
  const child = spawn(process.execPath, [await bundled(place), ...args], {
    cwd: place,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = await once(child, 'exit');
  if (code !== 0)
    throw new Error(`The bench ended with code ${code} in ${place}. It needs plan.cost and explainTargets.`);
  return JSON.parse(await readFile(json, 'utf8'));
}

/** The bench of a revision as JavaScript, as users run the library: tsx names every function it makes, which takes time. */
async function bundled(place: string): Promise<string> {
  const outfile = join(place, 'build', 'bench', 'run.js');
  const entryPoints = [join(place, 'bench', 'run.ts')];
  await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm', packages: 'external' });
  return outfile;
}
