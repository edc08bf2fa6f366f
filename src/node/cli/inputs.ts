import * as tf from '@tensorflow/tfjs-core';
import { type Input, InputError } from '../../index.js';
import type { Content } from '../read/content.js';
import type { TextEncoding } from '../read/encode-text.js';
import { type InputPort, type ReadyInput, readyInput } from '../read/model-input.js';
import type { Preprocessing } from '../read/preprocessing.js';
import { readContent } from '../read/read-content.js';
import { readVocabulary } from '../read/vocabulary.js';
import type { Io } from './io.js';

/** Options about what goes into the model. */
export interface InputOptions extends Preprocessing {
  readonly preprocessing?: string;
  readonly sample?: number;
  readonly text?: string;
}

/** The model's inputs, in its order. */
export interface Inputs {
  /** For `plan.explain`; the tensors are those of `ready`. */
  readonly input: Input;
  readonly ready: readonly ReadyInput[];
  dispose(): void;
}

/**
 * Reads what the command line names: one file for a model of one input, `NAME=FILE` for each of several.
 *
 * @throws InputError when files are missing, too many, or do not fit.
 */
export async function readInputs(
  ports: readonly InputPort[],
  references: readonly string[],
  options: InputOptions,
  how: Preprocessing,
  io: Io,
): Promise<Inputs> {
  const contents = await contentsOf(ports, references, options.text);
  const encoding = await encodingOf(how);
  const ready: ReadyInput[] = [];
  const dispose = () => tf.dispose(ready.map(({ tensor }) => tensor));
  try {
    for (const [index, port] of ports.entries()) {
      const content = contents[index];
      if (content) ready.push(await readyInput(content, port, how, encoding, options.sample ?? 0));
    }
  } catch (error) {
    dispose();
    throw error;
  }
  for (const note of notesOf(contents, ready, options, how)) io.err(`note: ${note}`);
  return { input: ready.map(({ tensor }) => tensor), ready, dispose };
}

async function contentsOf(
  ports: readonly InputPort[],
  references: readonly string[],
  text: string | undefined,
): Promise<Content[]> {
  const names = ports.map(({ name }) => name);
  if (text !== undefined) {
    if (references.length === 0 && ports.length === 1) return [{ kind: 'text', text }];
    throw new InputError('--text is the only input of a model with one: leave INPUT out.');
  }
  if (references.length !== ports.length) {
    const expected = ports.length === 1 ? 'one INPUT' : names.map((name) => `${name}=FILE`).join(' ');
    throw new InputError(
      `The model has ${ports.length} input${ports.length === 1 ? '' : 's'}, received ${references.length}. Give ${expected}.`,
    );
  }
  const [only = ''] = references;
  if (ports.length === 1) return [await readContent(withoutName(only, names))];
  return Promise.all(names.map((name) => readContent(fileFor(name, names, references))));
}

function withoutName(reference: string, [name]: readonly string[]): string {
  return reference.startsWith(`${name}=`) ? reference.slice(`${name}=`.length) : reference;
}

function fileFor(name: string, names: readonly string[], references: readonly string[]): string {
  const found = references.find((reference) => reference.startsWith(`${name}=`));
  if (found !== undefined) return found.slice(name.length + 1);
  throw new InputError(`There is no file for input "${name}". Give ${names.map((one) => `${one}=FILE`).join(' ')}.`);
}

async function encodingOf(how: Preprocessing): Promise<TextEncoding | null> {
  if (how.vocabulary === undefined) return null;
  const { unknown, pad, padding, caseSensitive } = how;
  return {
    vocabulary: await readVocabulary(how.vocabulary),
    ...(unknown === undefined ? {} : { unknown }),
    ...(pad === undefined ? {} : { pad }),
    ...(padding === undefined ? {} : { padding }),
    ...(caseSensitive === undefined ? {} : { caseSensitive }),
  };
}

/** What was decided without being asked. */
function notesOf(
  contents: readonly Content[],
  ready: readonly ReadyInput[],
  { sample }: InputOptions,
  { scale, offset }: Preprocessing,
): string[] {
  return ready.flatMap(({ samples, text, picture }, index) => {
    const kind = contents[index]?.kind;
    const bytes = kind === 'picture' || (kind === 'bytes' && picture !== null);
    return [
      ...(samples > 1 && sample === undefined
        ? [`the file holds ${samples} samples; this is number 0 (--sample N)`]
        : []),
      ...(bytes && !scale && !offset
        ? ['pixels go into the model as 0 to 255; many models want --scale 1/255, or --scale 1/127.5 --offset -1']
        : []),
      ...(text && text.missing.length > 0 ? [`not in the vocabulary: ${text.missing.slice(0, 10).join(', ')}`] : []),
      ...(text && text.dropped > 0 ? [`the text is too long for the model: ${text.dropped} words left out`] : []),
    ];
  });
}
