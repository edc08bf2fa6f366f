// Runs the test suite on webgl and webgpu in Chromium: the one that CHROMIUM names, else the first on the PATH. What
// follows the command goes to vitest, such as a test file.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

const chromium = process.env.CHROMIUM ?? findOnPath();
if (chromium === undefined) {
  console.error('No Chromium found. Install one, or say where it is: CHROMIUM=/path/to/chromium npm run test:browser');
  process.exit(1);
}
const projects = ['--project', 'chromium-webgl', '--project', 'chromium-webgpu'];
const { status } = spawnSync('npx', ['vitest', 'run', '--no-file-parallelism', ...projects, ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, CHROMIUM: chromium },
});
process.exitCode = status ?? 1;

function findOnPath(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find((file) => existsSync(file));
}
