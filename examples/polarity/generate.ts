// Sentences of words that praise, words that blame, and words that do neither. A negator turns the word after it round. A
// sentence is positive when praise outweighs blame, so it is known which words decide, and to which side each of them pulls.
import * as tf from '@tensorflow/tfjs-core';
import { randomInt, randomUniform } from 'd3-random';

const praise = ['good', 'great', 'lovely', 'brilliant', 'funny', 'warm', 'clever', 'moving'];
const blame = ['bad', 'awful', 'dull', 'clumsy', 'boring', 'cold', 'silly', 'flat'];
const negators = ['not', 'never', 'hardly'];
const fillers = [
  'the',
  'a',
  'film',
  'plot',
  'actor',
  'scene',
  'was',
  'and',
  'then',
  'with',
  'this',
  'score',
  'camera',
  'it',
];

/** All words; a word's number is its place here. */
export const words: readonly string[] = [...praise, ...blame, ...negators, ...fillers];

/** Words per sentence. */
export const length = 12;

/** Some words side by side that decide together. */
export interface Phrase {
  /** Places of its words in the sentence. */
  readonly positions: readonly number[];
  /** Which side it pulls the sentence to: 1 or -1. */
  readonly pull: number;
  /** True where a negator turns the word round. */
  readonly negated: boolean;
}

/** One labelled sentence. */
export interface Sentence {
  readonly tokens: readonly string[];
  readonly phrases: readonly Phrase[];
  readonly positive: boolean;
}

/** Draws sentences; the same source in the same state gives the same ones. */
export function sentences(count: number, random: () => number): Sentence[] {
  return Array.from({ length: count }, () => sentence(random));
}

function sentence(random: () => number): Sentence {
  const pick = (list: readonly string[]): string => list[randomInt.source(random)(list.length)()] ?? '';
  // An odd number of phrases cannot be undecided.
  const count = random() < 0.4 ? 1 : 3;
  const parts = Array.from({ length: count }, () => phrase(random, pick));
  // Negators that turn nothing round: a filler follows.
  if (random() < 0.4) parts.push({ tokens: [pick(negators), pick(fillers)], pull: 0 });
  const tokens: string[] = [];
  const phrases: Phrase[] = [];
  let free = length - parts.reduce((sum, part) => sum + part.tokens.length, 0);
  for (const part of shuffled(parts, random)) {
    const gap = Math.floor(randomUniform.source(random)(0, free + 1)() / 2);
    free -= gap;
    for (let filler = 0; filler < gap; filler++) tokens.push(pick(fillers));
    const positions = part.tokens.map((_, index) => tokens.length + index);
    if (part.pull !== 0) phrases.push({ positions, pull: part.pull, negated: positions.length > 1 });
    tokens.push(...part.tokens);
  }
  while (tokens.length < length) tokens.push(pick(fillers));
  return { tokens, phrases, positive: phrases.reduce((sum, { pull }) => sum + pull, 0) > 0 };
}

interface Part {
  readonly tokens: readonly string[];
  readonly pull: number;
}

function phrase(random: () => number, pick: (list: readonly string[]) => string): Part {
  const pull = random() < 0.5 ? 1 : -1;
  if (random() < 0.5) return { tokens: [pick(pull > 0 ? praise : blame)], pull };
  return { tokens: [pick(negators), pick(pull > 0 ? blame : praise)], pull };
}

function shuffled<T>(list: readonly T[], random: () => number): T[] {
  return list
    .map((item) => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

/** Word numbers `[sentences, words]`. The caller disposes it. */
export function tokensOf(drawn: readonly Sentence[]): tf.Tensor2D {
  return tf.tensor2d(drawn.map(({ tokens }) => tokens.map((token) => words.indexOf(token))));
}

/** 1 for positive sentences, `[sentences, 1]`. The caller disposes it. */
export function labelsOf(drawn: readonly Sentence[]): tf.Tensor2D {
  return tf.tensor2d(drawn.map(({ positive }) => [Number(positive)]));
}

/** Which positions decide. */
export function truthOf({ tokens, phrases }: Sentence): boolean[] {
  return tokens.map((_, position) => phrases.some(({ positions }) => positions.includes(position)));
}
