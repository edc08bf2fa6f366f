import { parseArgs } from 'node:util';

const USAGE = `npm run bench -- [options]
  --only REGEX       rows whose "network rules" match, such as "VGG16 epsilon-plus"
  --all              every preset, not only those with promises
  --runs N           timed calls per row (5)
  --batch N          samples per call (1)
  --backend NAME     wasm (default) or cpu
  --width FACTOR     fraction of the networks' channels (1)
  --json FILE        writes the rows to a file as well`;

/** What to measure and how. */
export interface Options {
  readonly only: RegExp;
  readonly all: boolean;
  readonly runs: number;
  readonly batch: number;
  readonly backend: 'wasm' | 'cpu';
  readonly width: number;
  readonly json: string | undefined;
}

/**
 * Reads the command line.
 *
 * @throws Error with the list of options when one is unknown or makes no sense.
 */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', default: '' },
      all: { type: 'boolean', default: false },
      runs: { type: 'string', default: '5' },
      batch: { type: 'string', default: '1' },
      backend: { type: 'string', default: 'wasm' },
      width: { type: 'string', default: '1' },
      json: { type: 'string' },
    },
  });
  const { backend } = values;
  if (backend !== 'wasm' && backend !== 'cpu') throw new Error(`There is no backend "${backend}" here.\n${USAGE}`);
  return {
    only: new RegExp(values.only),
    all: values.all,
    runs: positive('runs', values.runs),
    batch: positive('batch', values.batch),
    backend,
    width: positive('width', values.width),
    json: values.json,
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new Error(`--${name} must be a number above 0, received "${text}".\n${USAGE}`);
}
