import type { Tensor } from '@tensorflow/tfjs-core';
import { type Explanation, type InputRelevance, type TokenScore, tokenRelevance } from '../../index.js';
import { topBars } from '../charts/bars.js';
import { featureRelevance } from '../charts/features.js';
import { isSequence, sequenceChart } from '../charts/sequence.js';
import { hasBatch, heatmap, unitOf } from '../image/heatmap.js';
import type { PictureSource } from '../image/picture.js';
import { formatSigned } from '../number.js';
import { tokensHtml } from '../text/tokens-html.js';
import { drawingHtml, paragraph } from './html.js';

/** What is known of an input besides its relevance, for its picture. */
export interface InputView {
  /** The picture, as bytes or as the tensor that went into the model. */
  readonly picture?: PictureSource;
  /** The numbers that mean black and white in the picture's tensor. Default its smallest and largest. */
  readonly range?: readonly [black: number, white: number];
  /** One text per position of a sequence of tokens. */
  readonly tokens?: readonly string[];
  /** Names of features, or of the channels of a series. */
  readonly names?: readonly string[];
  /** The tensor that went into the model, for the values of features and series. */
  readonly values?: Tensor;
}

/**
 * The picture that suits an input: coloured text where tokens are given, a heatmap for pictures, lines or a heatmap for
 * sequences of vectors and for long lists without names, bars for lists of features; a sentence for what has no picture.
 */
export async function inputPicture(
  explanation: Pick<Explanation, 'inputs' | 'target' | 'plan' | 'layer'>,
  input: InputRelevance,
  sample: number,
  view: InputView,
): Promise<string> {
  const caption = `Relevance of input “${input.name}”`;
  const unit = unitOf(explanation);
  const { relevance, name } = input;
  if (view.tokens) {
    return textPicture(await tokenRelevance(explanation, view.tokens, { input: name, sample }), caption, unit);
  }
  const batched = hasBatch(explanation, input);
  const shape = batched ? relevance.shape.slice(1) : relevance.shape;
  const place = batched ? sample : 0;
  const { picture, range } = view;
  if (shape.length === 3 || (shape.length === 2 && picture)) {
    const known = { ...(picture ? { picture } : {}), ...(range ? { range } : {}) };
    return drawingHtml(await heatmap(explanation, { ...known, input: name, sample: place, caption }));
  }
  if (isSequence(shape, view.names !== undefined)) {
    const steps = [shape[0] ?? 0, shape[1] ?? 1] as const;
    // A lone list bears the name of its input.
    const named = shape.length === 1 ? { ...view, names: [name] } : view;
    return drawingHtml(await sequencePicture(input, named, place, steps, caption, unit));
  }
  if (shape.length === 1) {
    const { names, values } = view;
    const options = { input: name, sample: place, ...(names ? { names } : {}), ...(values ? { values } : {}) };
    return drawingHtml(await topBars(await featureRelevance(explanation, options), { caption, unit }));
  }
  return paragraph(`${caption}: there is no picture for the shape ${relevance.shape.join(' × ')}.`);
}

/** The words in colour; what positions without one earned, such as padding, in a sentence. */
function textPicture(scores: readonly TokenScore[], caption: string, unit: string): string {
  const blank = scores.filter(({ token }) => token === '').reduce((sum, { relevance }) => sum + relevance, 0);
  const words = scores.filter(({ token }) => token !== '');
  const rest = blank === 0 ? '' : paragraph(`Positions without a token earned ${formatSigned(blank)}.`);
  return tokensHtml(words, { caption, unit }) + rest;
}

async function sequencePicture(
  { relevance }: InputRelevance,
  { names, values }: InputView,
  sample: number,
  shape: readonly [steps: number, channels: number],
  caption: string,
  unit: string,
) {
  const rows = await sampleRows(relevance, sample, shape);
  const own = values ? { values: await sampleRows(values, sample, shape) } : {};
  return sequenceChart(rows, { caption, unit, ...own, ...(names ? { names } : {}) });
}

async function sampleRows(tensor: Tensor, sample: number, [steps, channels]: readonly [number, number]) {
  const data = await tensor.data();
  const first = tensor.size === steps * channels ? 0 : sample * steps * channels;
  return Array.from({ length: steps }, (_, step) => {
    return Array.from(data.slice(first + step * channels, first + (step + 1) * channels), Number);
  });
}
