import type { Tensor } from '@tensorflow/tfjs-core';
import { type Explanation, tokenRelevance } from '../../index.js';
import { tokensAnsi, unitOf } from '../../render/index.js';
import type { ReadyInput } from '../read/model-input.js';
import type { Io } from './io.js';

/** Where the relevance of one input lies, as text. */
export async function describeRelevance(
  explanation: Explanation,
  index: number,
  ready: ReadyInput,
  top: number,
  io: Io,
): Promise<string> {
  const input = explanation.inputs[index];
  if (!input) return '';
  const relevance = Array.from(await input.relevance.data());
  if (relevance.every((value) => value === 0)) {
    return `Relevance of input "${input.name}"\n  none reached it (--ledger shows what took it)`;
  }
  if (ready.text) return describeText(explanation, index, ready.text.tokens, io);
  const sums = `  positive ${format(sumOf(relevance, 1))}, negative ${format(sumOf(relevance, -1))} in all`;
  const body = ready.picture ? sums : `${await strongest(relevance, ready, top)}\n${sums}`;
  return `Relevance of input "${input.name}"\n${body}`;
}

async function describeText(
  explanation: Explanation,
  input: number,
  tokens: readonly string[],
  io: Io,
): Promise<string> {
  const scores = await tokenRelevance(explanation, tokens, { input });
  const words = scores.filter(({ token }) => token !== '');
  const blank = scores.filter(({ token }) => token === '').reduce((sum, { relevance }) => sum + relevance, 0);
  const unit = unitOf(explanation);
  const text = tokensAnsi(words, { columns: Math.max(40, io.columns), palette: io.palette, unit });
  return blank === 0 ? text : `${text}\n  on positions without a word: ${format(blank)}`;
}

async function strongest(relevance: readonly number[], { tensor, features }: ReadyInput, top: number): Promise<string> {
  const values = await tensor.data();
  const places = [...relevance.keys()]
    .sort((a, b) => Math.abs(relevance[b] ?? 0) - Math.abs(relevance[a] ?? 0))
    .slice(0, top);
  const names = places.map((place) => placeName(place, tensor, features));
  const width = Math.max(...names.map((name) => name.length));
  return places
    .map((place, rank) => {
      const [earned, value] = [format(relevance[place] ?? 0), format(values[place] ?? 0)];
      return `  ${earned.padStart(10)}  ${(names[rank] ?? '').padEnd(width)}  value ${value}`;
    })
    .join('\n');
}

/** `[12, speed]`: indices, the last one by name where it has one. */
function placeName(place: number, { shape }: Tensor, features: readonly string[] | null): string {
  const indices: (number | string)[] = [];
  let rest = place;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis] ?? 1;
    const index = rest % length;
    indices.unshift(axis === shape.length - 1 ? (features?.[index] ?? index) : index);
    rest = Math.floor(rest / length);
  }
  return `[${indices.join(', ')}]`;
}

function sumOf(values: readonly number[], sign: number): number {
  return values.reduce((sum, value) => sum + (value * sign > 0 ? value : 0), 0);
}

export function format(value: number): string {
  return value === 0 ? '0' : Number(value.toPrecision(4)).toString();
}
