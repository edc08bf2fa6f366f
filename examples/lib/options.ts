// The command line of explain-image.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Normalisation } from './picture.js';

export const usage = `Usage: tsx examples/explain-image.ts [MODEL] [PICTURE] [options]

  MODEL            folder with model.json, or the path of such a file   (default: the shapes example)
  PICTURE          PNG, JPEG, or raw bytes in a .u8 file                (default: the shapes example)
  --rules NAME     preset of rules                                      (default: epsilon-gamma-box)
  --target N       output unit to explain                               (default: the strongest)
  --out FILE       where the heatmap goes                               (default: heatmap.png)
  --scale A        the model takes byte * A + B; fractions are fine     (default: 1/127.5)
  --offset B                                                            (default: -1)
  --labels FILE    JSON list of class names                             (default: labels.json beside the model)
  --mask FILE      picture, white where the object is                   (default: the shapes example's)
  --quantile Q     where the colours end, above 0 and up to 1           (default: 0.995)
  --help`;

/** The command line, read and completed. */
export interface Options {
  readonly model: string;
  readonly picture: string;
  readonly rules: string;
  readonly target?: number;
  readonly out: string;
  readonly normalisation: Normalisation;
  readonly labels?: string;
  readonly mask?: string;
  readonly quantile: number;
}

const shapes = (name: string): string => fileURLToPath(new URL(`../shapes/${name}`, import.meta.url));

/** Reads the arguments that follow the script's name; null when help was asked for. */
export function readOptions(args: string[]): Options | null {
  const { values, positionals } = parseArgs({
    args: args.reduce(joinNegative, []),
    allowPositionals: true,
    options: {
      rules: { type: 'string', default: 'epsilon-gamma-box' },
      target: { type: 'string' },
      out: { type: 'string', default: 'heatmap.png' },
      scale: { type: 'string', default: '1/127.5' },
      offset: { type: 'string', default: '-1' },
      labels: { type: 'string' },
      mask: { type: 'string' },
      quantile: { type: 'string', default: '0.995' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const [model = shapes('model'), picture, ...others] = positionals;
  if (others.length > 0)
    throw new Error(`Two names expected at most, MODEL and PICTURE; also got ${others.join(', ')}.`);
  if (positionals.length === 1)
    throw new Error('A picture for this model is missing: give MODEL and PICTURE, or neither.');
  const labels = values.labels ?? existing(join(model.endsWith('.json') ? dirname(model) : model, 'labels.json'));
  const mask = values.mask ?? (picture === undefined ? shapes('picture-mask.png') : undefined);
  return {
    model,
    picture: picture ?? shapes('picture.png'),
    rules: values.rules,
    out: values.out,
    normalisation: { scale: number('scale', values.scale), offset: number('offset', values.offset) },
    quantile: number('quantile', values.quantile),
    ...(values.target === undefined ? {} : { target: unit(values.target) }),
    ...(labels === undefined ? {} : { labels }),
    ...(mask === undefined ? {} : { mask }),
  };
}

/** `parseArgs` takes a value that begins with a dash only as `--option=-1`; people write `--option -1`. */
function joinNegative(args: string[], next: string): string[] {
  const last = args.at(-1);
  return last?.startsWith('--') && /^-[\d.]/.test(next) ? [...args.slice(0, -1), `${last}=${next}`] : [...args, next];
}

const existing = (path: string): string | undefined => (existsSync(path) ? path : undefined);

/** A decimal number or a fraction such as 1/255. */
function number(option: string, text: string): number {
  const [numerator, denominator = 1, ...others] = text
    .split('/')
    .map((part) => (part.trim() ? Number(part) : Number.NaN));
  const value = (numerator ?? Number.NaN) / denominator;
  if (Number.isFinite(value) && others.length === 0) return value;
  throw new Error(`--${option} takes a number or a fraction such as 1/255, got "${text}".`);
}

function unit(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new Error(`--target takes the number of an output unit, from 0, got "${text}".`);
}
