import { type Explanation, InputError } from '../../index.js';
import type { Labels } from '../read/labels.js';
import type { ReadyInput } from '../read/model-input.js';
import { describeArrival } from './arrival.js';
import { commandOf } from './command-line.js';
import { describeExplained, describePrediction } from './describe.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import type { Io } from './io.js';
import { describeMask } from './mask.js';
import { type PictureOptions, pictureFor, type Shown } from './picture.js';
import { showProgress } from './progress.js';
import { reportPage } from './report.js';
import { type Setting, type SettingOptions, withSetting } from './setting.js';
import { describeRelevance } from './strongest.js';
import { writeResult } from './write-file.js';

/** Options of `explain`. */
export interface ExplainOptions extends SettingOptions, PictureOptions {
  readonly out?: readonly string[];
  readonly json?: string;
  readonly report?: string;
  readonly mask?: string;
  readonly plan?: boolean;
  readonly ledger?: boolean;
  readonly top: number;
  readonly timeBudget?: number;
}

/** What is told about one explanation. */
interface Result {
  readonly explanation: Explanation;
  readonly ready: readonly ReadyInput[];
  readonly labels: Labels;
  readonly caption: string;
  /** How it was made. */
  readonly command: string;
}

/** Explains one input: what the model says, why, and pictures of it. */
export function explainCommand(
  path: string,
  references: readonly string[],
  options: ExplainOptions,
  io: Io,
): Promise<ExitCode> {
  return withSetting(path, references, options, io, async (setting) => {
    const { model, inputs, labels, fit } = setting;
    const { ready } = inputs;
    io.out(await describePrediction(model, ready, labels, options.output));
    const explanation = await explained(setting, options, io);
    try {
      const caption = await describeExplained(explanation, options.layer === undefined ? labels : new Map());
      const result = { explanation, ready, labels, caption, command: commandOf(path, references, options) };
      await print(result, options, io);
      if (options.mask !== undefined) {
        io.out(`\n${await describeMask(options.mask, explanation, ready, fit)}`);
      }
      await write(result, options, io);
      return EXIT.done;
    } finally {
      explanation.dispose();
    }
  });
}

async function explained({ planned, inputs, target }: Setting, options: ExplainOptions, io: Io): Promise<Explanation> {
  const explanation = await planned.explainAsync(inputs.input, {
    signal: io.signal,
    onProgress: showProgress(io, options.quiet),
    check: true,
    keep: needsLayers(options) ? 'layers' : 'inputs',
    ...(target === undefined ? {} : { target }),
    ...(options.timeBudget === undefined ? {} : { timeBudget: 1000 * options.timeBudget }),
  });
  io.status('');
  return explanation;
}

function needsLayers({ json, layerMap, report }: ExplainOptions): boolean {
  return json !== undefined || layerMap !== undefined || report !== undefined;
}

async function print({ explanation, ready, caption }: Result, options: ExplainOptions, io: Io): Promise<void> {
  io.out(`\nExplained: ${caption}`);
  for (const [index, one] of ready.entries()) {
    io.out(`\n${await describeRelevance(explanation, index, one, options.top, io)}`);
  }
  io.out(`\n${describeArrival(await explanation.conservation())}`);
  if (await nothingArrived(explanation)) {
    io.err('note: no relevance reached the inputs; --ledger shows what absorbed it');
  }
  if (options.plan) io.out(`\n${explanation.plan}`);
  if (options.ledger) io.out(`\n${await explanation.conservation()}`);
}

async function nothingArrived({ inputs }: Explanation): Promise<boolean> {
  const lists = await Promise.all(inputs.map(({ relevance }) => relevance.data()));
  return lists.every((list) => list.every((value) => value === 0));
}

async function write(result: Result, options: ExplainOptions, io: Io): Promise<void> {
  const { explanation, ready, labels, caption, command } = result;
  for (const reference of options.out ?? []) {
    const { path, ...shown } = shownInput(reference, result);
    await writeResult(path, await pictureFor(path, shown, options), io);
  }
  if (options.report !== undefined) {
    await writeResult(options.report, await reportPage(explanation, ready, labels, caption, command), io);
  }
  if (options.json !== undefined) {
    await writeResult(options.json, `${JSON.stringify(await explanation.toJSON())}\n`, io);
  }
}

/** Of several inputs `--out NAME=FILE` says which is shown. */
function shownInput(reference: string, { explanation, ready, caption }: Result): Shown & { readonly path: string } {
  const named = explanation.inputs.findIndex(({ name }) => reference.startsWith(`${name}=`));
  const index = Math.max(0, named);
  const path = named >= 0 ? reference.slice(reference.indexOf('=') + 1) : reference;
  const one = ready[index];
  if (!one || (named < 0 && ready.length > 1)) {
    const names = explanation.inputs.map(({ name }) => `--out ${name}=FILE`);
    throw new InputError(`The model has ${ready.length} inputs. Say which is shown: ${names.join(' ')}.`);
  }
  return { path, explanation, index, ready: one, caption };
}
