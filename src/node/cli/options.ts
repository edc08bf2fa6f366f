import { type Command, Option } from 'commander';
import { presetNames } from '../../index.js';
import * as values from './values.js';

/** Options of every command that plans. */
export function addCommon(command: Command): Command {
  command
    .optionsGroup('Model and rules:')
    .option('--rules <name>', `preset of rules: ${presetNames.join(', ')} (default: chosen from the model)`);
  return addPlanning(command);
}

/** The same without the rules. */
export function addPlanning(command: Command): Command {
  return command
    .optionsGroup('Model and rules:')
    .addOption(new Option('--backend <name>', 'what computes').choices(['wasm', 'cpu']).default('wasm'))
    .addOption(new Option('--bias <mode>', 'what biases earn').choices(['absorb', 'ignore', 'distribute']))
    .option('--input-range <low,high>', 'smallest and largest number that goes into the model', values.range)
    .option('--setup <module>', 'module that registers layers of your own; may export rules and planOptions')
    .option('--quiet', 'no progress');
}

/** Options about what is explained. */
export function addTarget(command: Command): Command {
  return command
    .optionsGroup('What is explained:')
    .option(
      '--target <unit>',
      'what is explained: a unit, a label, a position such as 3,4,0, or all (default: the strongest unit)',
    )
    .option('--against <unit>', 'explain why not this one; rest for all others')
    .option('--output <name>', 'which output, by name or number')
    .option('--layer <name>', 'start at a layer inside of the model')
    .option('--channel <n>', 'one channel of that place', values.whole(0));
}

/** Options about what goes into the model. */
export function addInput(command: Command): Command {
  return command
    .optionsGroup('What goes into the model:')
    .option('--text <words>', 'a text in place of INPUT')
    .option('--sample <n>', 'which sample of a file that holds several (default: 0)', values.whole(0))
    .option('--preprocessing <file>', 'JSON with the settings below (default: preprocessing.json beside the model)')
    .option(
      '--scale <a>',
      'the model takes value * A + B; fractions are fine, a list is one for each channel',
      values.numbers,
    )
    .option('--offset <b>', 'see scale', values.numbers)
    .addOption(new Option('--fit <way>', 'how a picture gets its size (default: crop)').choices(['crop', 'stretch']))
    .option('--labels <file>', 'names of the output units (default: labels.json beside the model)')
    .option('--features <names>', 'names of the input features, separated by commas', values.names)
    .option('--vocabulary <file>', 'numbers of words: CSV, JSON, or one word per line')
    .option('--unknown <n>', 'number of words that the vocabulary lacks', values.whole(0))
    .option('--pad <n>', 'number of positions without a word (default: 0)', values.whole(0))
    .addOption(new Option('--padding <side>', 'where they are (default: left)').choices(['left', 'right']))
    .option('--case-sensitive', 'look words up as they are written');
}
