// Runs the notebooks of examples/notebooks from top to bottom, without a browser, and leaves executed copies in
// build/notebooks. A type error or an exception in a cell fails. Builds the library first where that is due; wants
// Jupyter's nbconvert.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

const root = dirname(import.meta.dirname);
const source = join(root, 'examples/notebooks');
const target = join(root, 'build/notebooks');
const jupyterData = join(root, 'build/jupyter');

/** Seconds that one cell may take. */
const CELL_LIMIT = 300;

/** What is read of a notebook file. */
interface Notebook {
  readonly cells: readonly Cell[];
}

interface Cell {
  readonly cell_type: string;
  readonly execution_count?: number | null;
  readonly outputs?: readonly Output[];
}

/** Something shown has `data` by its media type; something printed has a stream's `name` and `text`. */
interface Output {
  readonly data?: Readonly<Record<string, unknown>>;
  readonly name?: string;
  readonly text?: string | readonly string[];
}

requireJupyter();
ensureBuild();
linkLibrary();
registerKernel();
rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });

// Names given to the script choose notebooks.
const wanted = process.argv.slice(2).map((name) => basename(name, '.ipynb'));
const files = readdirSync(source).filter((file) => file.endsWith('.ipynb'));
const chosen = files.filter((file) => wanted.length === 0 || wanted.includes(basename(file, '.ipynb')));
if (chosen.length === 0) stop(`No notebook ${wanted.join(', ')} in examples/notebooks. There are ${files.join(', ')}.`);

const failed = chosen.filter((file) => !passes(file));
console.log(`\n${chosen.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;

/** Runs one notebook, and says what came of it. */
function passes(file: string): boolean {
  const begun = performance.now();
  const { stored } = countOutputs(join(source, file));
  if (stored > 0) console.log(`${file}: ${stored} cells hold outputs. Clear them before the notebook is committed.`);
  const { status, stderr } = execute(file);
  const seconds = ((performance.now() - begun) / 1000).toFixed(0);
  if (status !== 0) {
    console.log(`${file}: FAILED after ${seconds} s\n${complaints(file) || stderr}`);
    return false;
  }
  const { cells, pictures } = countOutputs(join(target, file));
  console.log(`${file}: ok, ${cells} cells, ${pictures} of them with rich output, ${seconds} s`);
  return stored === 0 && pictures > 0;
}

function execute(file: string, ...more: readonly string[]) {
  const options = ['--to', 'notebook', '--execute', `--ExecutePreprocessor.timeout=${CELL_LIMIT}`, ...more];
  return spawnSync('jupyter', ['nbconvert', ...options, '--output-dir', target, join(source, file)], {
    env: { ...process.env, JUPYTER_PATH: jupyterData },
    encoding: 'utf8',
  });
}

/** Jupyter does not tell what the kernel said about the cell that failed; a run that goes on after errors keeps it. */
function complaints(file: string): string {
  if (execute(file, '--allow-errors').status !== 0) return '';
  const outputs = readNotebook(join(target, file)).flatMap(({ outputs = [] }) => outputs);
  return outputs
    .filter(({ name }) => name === 'stderr')
    .flatMap(({ text = [] }) => text)
    .join('');
}

/** Code cells of a notebook, how many hold anything that running them left, and how many hold more than text. */
function countOutputs(path: string): { cells: number; stored: number; pictures: number } {
  const code = readNotebook(path);
  const isRich = (type: string) => type === 'text/html' || type.startsWith('image/');
  return {
    cells: code.length,
    stored: code.filter(({ outputs = [], execution_count }) => outputs.length > 0 || execution_count).length,
    pictures: code.filter(({ outputs = [] }) => outputs.some(({ data = {} }) => Object.keys(data).some(isRich))).length,
  };
}

/** The code cells of a notebook. */
function readNotebook(path: string): readonly Cell[] {
  const { cells } = JSON.parse(readFileSync(path, 'utf8')) as Notebook;
  return cells.filter(({ cell_type }) => cell_type === 'code');
}

/** Builds the library where that has not been done since its sources changed. */
function ensureBuild(): void {
  const products = ['index', 'render', 'node'].flatMap((name) => [`dist/${name}.cjs`, `dist/${name}.d.ts`]);
  const sources = readdirSync(join(root, 'src'), { recursive: true }).map((file) => `src/${file}`);
  const built = Math.min(...products.map(changedAt));
  if (built > Math.max(...sources.map(changedAt))) return;
  console.log('Building the library ...');
  const tsup = join(root, 'node_modules/tsup/dist/cli-default.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [tsup], { cwd: root, encoding: 'utf8' });
  if (status !== 0) stop(`The library cannot be built.\n${stdout}\n${stderr}`);
}

/** When a file was last written; the beginning of time where there is none. */
function changedAt(file: string): number {
  return statSync(join(root, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function requireJupyter(): void {
  if (spawnSync('jupyter', ['nbconvert', '--version']).status === 0) return;
  stop(
    [
      'Notebooks are run by Jupyter, and `jupyter nbconvert` was not found. Install it, for example by',
      '  apt-get install --no-install-recommends jupyter-nbconvert jupyter-client python3-nbclient',
      'on Debian and Ubuntu, or elsewhere by',
      '  python3 -m pip install nbconvert nbclient ipykernel',
      'The kernel for TypeScript comes with `npm ci`.',
    ].join('\n'),
  );
}

/** Notebooks import the library by its name, as its users do. */
function linkLibrary(): void {
  const link = join(root, 'node_modules/tfjs-lrp');
  rmSync(link, { force: true });
  symlinkSync('..', link, 'junction');
}

/** Tells Jupyter where the TypeScript kernel is, for this run alone. */
function registerKernel(): void {
  const folder = join(jupyterData, 'kernels/tslab');
  const tslab = join(root, 'node_modules/tslab/bin/tslab');
  if (!existsSync(tslab)) stop('The TypeScript kernel tslab is not installed. Run `npm ci` first.');
  mkdirSync(folder, { recursive: true });
  const argv = [process.execPath, tslab, 'kernel', '--config-path', '{connection_file}'];
  const kernel = { argv, display_name: 'TypeScript', language: 'typescript' };
  writeFileSync(join(folder, 'kernel.json'), `${JSON.stringify(kernel, null, 2)}\n`);
}

function stop(message: string): never {
  console.error(message);
  process.exit(1);
}
