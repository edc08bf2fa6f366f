import { parseArgs } from 'node:util';

const USAGE = `npm run bench -- [options]
  --only REGEX       rows whose "network rules" match, such as "VGG16 epsilon-plus"
  --all              every preset on networks of convolutions, not only those with promises
  --runs N           the fewest timed calls per row (5)
  --settle SECONDS   calls in turns before that are not timed (3)
  --batch N          samples per call (1)
  --backend NAME     wasm (default) or cpu
  --width FACTOR     fraction of the networks' channels (1)
  --json FILE        writes the rows to a file as well
Instead of the table:
  --growth           what a sample, a layer, a time step more costs
  --live             pictures explained per second
  --targets          several targets at once against one by one
  --kernels          the kernels between which the library chooses by backend`;

/** What to measure and how. */
export interface Options {
  /** Rows to measure. */
  readonly only: RegExp;
  /** Every preset. */
  readonly all: boolean;
  /** The fewest timed calls per row. */
  readonly runs: number;
  /** Seconds of calls that are not timed. */
  readonly settle: number;
  /** Samples per call. */
  readonly batch: number;
  /** Where kernels run. */
  readonly backend: 'wasm' | 'cpu';
  /** Fraction of the networks' channels. */
  readonly width: number;
  /** A file for the rows. */
  readonly json: string | undefined;
  /** What is measured instead of the table; none for the table. */
  readonly instead: readonly Measure[];
}

/** A measurement besides the table. */
export type Measure = 'growth' | 'live' | 'targets' | 'kernels';

/**
 * Reads the command line.
 *
 * @throws Error with the list of options when one is unknown or makes no sense.
 */
export function readOptions(args: readonly string[]): Options {
  const values = parse(args);
  const { backend } = values;
  if (backend !== 'wasm' && backend !== 'cpu') throw new Error(`There is no backend "${backend}" here.\n${USAGE}`);
  return {
    only: new RegExp(values.only),
    all: values.all,
    runs: count('runs', values.runs),
    settle: positive('settle', values.settle),
    batch: count('batch', values.batch),
    backend,
    width: positive('width', values.width),
    json: values.json,
    instead: (['growth', 'live', 'targets', 'kernels'] as const).filter((measure) => values[measure]),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: 'string', default: '' },
        all: { type: 'boolean', default: false },
        runs: { type: 'string', default: '5' },
        settle: { type: 'string', default: '3' },
        batch: { type: 'string', default: '1' },
        backend: { type: 'string', default: 'wasm' },
        width: { type: 'string', default: '1' },
        json: { type: 'string' },
        growth: { type: 'boolean', default: false },
        live: { type: 'boolean', default: false },
        targets: { type: 'boolean', default: false },
        kernels: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  }
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new Error(`--${name} must be a number above 0, received "${text}".\n${USAGE}`);
}

function count(name: string, text: string): number {
  const value = positive(name, text);
  if (Number.isInteger(value)) return value;
  throw new Error(`--${name} must be a whole number, received "${text}".\n${USAGE}`);
}
