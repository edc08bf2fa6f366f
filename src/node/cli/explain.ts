import type { Explanation } from '../../index.js';
import { describeArrival } from '../../render/index.js';
import type { Labels } from '../read/labels.js';
import type { ReadyInput } from '../read/model-input.js';
import { describeExplained, describePrediction } from './describe.js';
import { type PlannedDrawing, planDrawings } from './drawings.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import type { Io } from './io.js';
import { describeMask } from './mask.js';
import type { PictureOptions } from './picture.js';
import { showProgress } from './progress.js';
import { reportPage } from './report.js';
import { type Setting, type SettingOptions, withSetting } from './setting.js';
import { describeRelevance, format } from './strongest.js';
import { checkResults, writeResult } from './write-file.js';

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
  readonly drawings: readonly PlannedDrawing[];
  /** How it was made. */
  readonly command: string;
}

/**
 * Explains one input: what the model says, why, and pictures of it.
 *
 * @param command The command as it was given, for reports.
 */
export async function explainCommand(
  path: string,
  references: readonly string[],
  options: ExplainOptions,
  command: string,
  io: Io,
): Promise<ExitCode> {
  await checkResults(resultsOf(options));
  return withSetting(path, references, options, io, async (setting) => {
    const { model, inputs, labels, fit } = setting;
    const { ready } = inputs;
    const drawings = await planDrawings(options.out ?? [], model.inputNames, ready, options);
    io.out(await describePrediction(model, ready, labels, options.output));
    const explanation = await explained(setting, options, io);
    try {
      const caption = await describeExplained(explanation, options.layer === undefined ? labels : new Map());
      const result = { explanation, ready, labels, caption, drawings, command };
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

/** The files that will be written. Which `NAME=` is that of an input is not known yet: nobody begins a path so. */
function resultsOf({ out = [], report, json }: ExplainOptions): string[] {
  const pictures = out.map((reference) => reference.slice(reference.indexOf('=') + 1));
  return [...pictures, report, json].filter((path) => path !== undefined);
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
  io.out(`\n${describeArrival(await explanation.conservation(), format)}`);
  if (options.plan) io.out(`\n${explanation.plan}`);
  if (options.ledger) io.out(`\n${await explanation.conservation()}`);
}

async function write(result: Result, options: ExplainOptions, io: Io): Promise<void> {
  const { explanation, ready, labels, caption, drawings, command } = result;
  for (const { path, index, draw } of drawings) {
    const one = ready[index];
    if (one) await writeResult(path, await draw({ explanation, index, ready: one, caption }, options), io);
  }
  if (options.report !== undefined) {
    await writeResult(options.report, await reportPage(explanation, ready, labels, command), io);
  }
  if (options.json !== undefined) {
    await writeResult(options.json, `${JSON.stringify(await explanation.toJSON())}\n`, io);
  }
}
