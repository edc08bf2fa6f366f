import { Command, CommanderError, Option } from 'commander';
import { TargetError, version } from '../../index.js';
import { benchCommand } from './bench.js';
import { checkCommand } from './check.js';
import { commandLine } from './command-line.js';
import { EXIT, type ExitCode, exitCodeOf } from './exit-codes.js';
import { explainCommand } from './explain.js';
import * as help from './help.js';
import { type Io, inertIo } from './io.js';
import { addCommon, addInput, addPlanning, addTarget } from './options.js';
import { ENDINGS } from './picture.js';
import { planCommand } from './plan.js';
import * as values from './values.js';

/**
 * Runs the command line. Errors are told in words on the error stream and never thrown.
 *
 * @param args What follows the program's name.
 * @returns The exit code, see {@link EXIT}.
 */
export async function runCli(args: readonly string[], world: Io): Promise<ExitCode> {
  const io = inertIo(world);
  const result: { code: ExitCode } = { code: EXIT.done };
  const program = programFor(args, io, result);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return result.code;
  } catch (error) {
    io.status('');
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    const code = io.signal.aborted ? EXIT.aborted : exitCodeOf(error);
    io.err(messageOf(error, code));
    return code;
  }
}

function messageOf(error: unknown, code: ExitCode): string {
  const message = `${error instanceof Error ? error.message : error}${hintFor(error)}`;
  if (code !== EXIT.internal) return `error: ${message}`;
  const stack = process.env.DEBUG && error instanceof Error ? `\n${error.stack}` : '';
  return `internal error: ${message}\nThis is a bug of tfjs-lrp. Run again with DEBUG=1 to see where.${stack}`;
}

/** The library's messages speak of its options; these are called otherwise here. */
function hintFor(error: unknown): string {
  return error instanceof TargetError && /outputs: .* Say which/.test(error.message) ? ' Here: --output NAME.' : '';
}

function programFor(args: readonly string[], io: Io, result: { code: ExitCode }): Command {
  const program = new Command('tfjs-lrp')
    .description('Explains predictions of TensorFlow.js layers models by layer-wise relevance propagation.')
    .version(version)
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text.trimEnd()), writeErr: (text) => io.err(text.trimEnd()) })
    .showHelpAfterError('(add --help for what there is)')
    .addHelpText('after', help.GENERAL);
  const keep: Keep = (run) =>
    run.then((code) => {
      result.code = code;
    });
  addExplain(program.command('explain'), commandLine(args), io, keep);
  addPlan(program.command('plan'), io, keep);
  addCheck(program.command('check'), io, keep);
  addBench(program.command('bench'), io, keep);
  return program;
}

const PICTURE_NAME = values.fileName(ENDINGS);

function picture(text: string, before?: readonly string[]): readonly string[] {
  return values.listed(PICTURE_NAME(text), before);
}

/** Keeps the exit code of a command. */
type Keep = (run: Promise<ExitCode>) => Promise<void>;

const MODEL = 'folder with model.json, or the path of such a file';
const INPUT = 'picture, numbers or text; NAME=FILE for each of several inputs';

function addExplain(command: Command, line: string, io: Io, keep: Keep): void {
  command
    .summary('why does the model say that?')
    .description('Explains what a model says about an input: prints where the relevance lies, draws pictures of it.')
    .argument('<model>', MODEL)
    .argument('[input...]', INPUT)
    .addHelpText('after', help.EXPLAIN);
  addInput(addTarget(addCommon(command)))
    .optionsGroup('Results:')
    .option('--out <file>', 'picture: .png or .svg, .html of texts, .npy for the numbers; repeatable', picture)
    .option('--report <file>', 'one HTML page with all there is to know', values.fileName(['.html', '.htm']))
    .option(
      '--json <file>',
      'the whole explanation as JSON, to be read with fromJSON; - for the standard output',
      values.fileName(['.json'], true),
    )
    .option('--plan', 'print which layer is explained by which rule')
    .option('--ledger', 'print where all of the relevance went')
    .option('--top <n>', 'how many of the strongest numbers are printed', values.whole(1), 10)
    .addOption(new Option('--pool <way>', 'how channels become one number').choices(['sum', 'max-abs', 'norm']))
    .option('--quantile <q>', 'where the colours end: 1 for the largest value (default: 0.995)', values.share)
    .option('--layer-map <layer>', 'draw the relevance of a layer instead of that of the input')
    .option('--mask <file>', 'picture, white where the object is: how much of the relevance lies there')
    .option('--time-budget <s>', 'seconds after which to give up', values.positive)
    .action((model, inputs, options) => keep(explainCommand(model, inputs, options, line, io)));
}

function addPlan(command: Command, io: Io, keep: Keep): void {
  command
    .summary('how would it be explained?')
    .description('Prints which layer of a model is explained by which rule, and why; or all reasons why it cannot be.')
    .argument('<model>', MODEL)
    .addHelpText('after', help.PLAN);
  addCommon(command).action((model, options) => keep(planCommand(model, options, io)));
}

function addCheck(command: Command, io: Io, keep: Keep): void {
  command
    .summary('does the ledger close?')
    .description('Prints where the relevance of one explanation went, step by step, and compares steps with layers.')
    .argument('<model>', MODEL)
    .argument('[input...]', INPUT)
    .addHelpText('after', help.CHECK);
  addInput(addTarget(addCommon(command)))
    .optionsGroup('Results:')
    .option('--tolerance <t>', 'largest relative difference between steps and layers', values.positive, 1e-4)
    .action((model, inputs, options) => keep(checkCommand(model, inputs, options, io)));
}

function addBench(command: Command, io: Io, keep: Keep): void {
  command
    .summary('what does it cost?')
    .description('Measures explanations of random inputs in units of one prediction.')
    .argument('<model>', MODEL)
    .addHelpText('after', help.BENCH)
    .option('--rules <name>', 'rules to measure; repeatable (default: all presets)', values.listed)
    .option('--runs <n>', 'timed calls of everything', values.whole(1), 5)
    .option('--batch <n>', 'samples per call', values.whole(1), 1);
  addPlanning(command).action((model, options) => keep(benchCommand(model, options, io)));
}
