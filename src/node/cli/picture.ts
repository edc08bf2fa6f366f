import { extname } from 'node:path';
import { type Explanation, InputError, tokenRelevance } from '../../index.js';
import {
  type Drawing,
  type Figure,
  featureRelevance,
  heatmap,
  isSequence,
  mostlyAbsorbed,
  sequenceChart,
  tokensHtml,
  tokensSvg,
  unitOf,
  waterfall,
} from '../../render/index.js';
import { drawingPng, startSharp } from '../drawing-png.js';
import type { ReadyInput } from '../read/model-input.js';
import { htmlPage } from './html-page.js';
import { encodeNpy } from './npy-file.js';

/** Options about pictures. */
export interface PictureOptions {
  readonly pool?: 'sum' | 'max-abs' | 'norm';
  readonly quantile?: number;
  readonly layerMap?: string;
}

/** One input of an explanation, and what it showed. */
export interface Shown {
  readonly explanation: Explanation;
  readonly index: number;
  readonly ready: ReadyInput;
  readonly caption: string;
}

/** Draws the file of one kind of picture. */
export type Draw = (shown: Shown, options: PictureOptions) => Promise<string | Uint8Array>;

/** The endings that some kind of input has a picture for. */
export const ENDINGS = ['.png', '.svg', '.html', '.npy'] as const;

type Ways = Readonly<Record<string, Draw>>;

const PICTURE: Ways = {
  '.png': async (shown, options) => (await mapOf(shown, options)).png(),
  '.svg': async (shown, options) => (await mapOf(shown, options)).svg,
};
const WORDS: Ways = {
  '.html': async (shown) => htmlPage(shown.caption, tokensHtml(await wordsOf(shown), headingOf(shown))),
  '.svg': async (shown) => tokensSvg(await wordsOf(shown), headingOf(shown)).svg,
  '.png': async (shown) => tokensSvg(await wordsOf(shown), headingOf(shown)).png(),
};
const SERIES = chartWays(seriesOf);
const FEATURES = chartWays(stepsOf);

function chartWays(draw: (shown: Shown) => Promise<Drawing>): Ways {
  return { '.svg': async (shown) => (await draw(shown)).svg, '.png': async (shown) => drawingPng(await draw(shown)) };
}

/**
 * How the file that `--out` names is drawn: a heatmap, words or a chart as the input is, numbers of any shape as `.npy`.
 *
 * @throws InputError when there is no such picture of this kind of input, or what draws it is missing.
 */
export async function drawerFor(path: string, ready: ReadyInput, options: PictureOptions): Promise<Draw> {
  const extension = extname(path).toLowerCase();
  const ways: Ways = { ...waysOf(ready, options), '.npy': numbersOf };
  const draw = ways[extension];
  if (!draw) {
    throw new InputError(
      `There is no picture of this input as "${extension}" (--out ${path}). Expected one of ${Object.keys(ways).join(', ')}.`,
    );
  }
  if (draw === SERIES['.png'] || draw === FEATURES['.png']) await startSharp();
  return draw;
}

function waysOf({ picture, text, tensor, features }: ReadyInput, { layerMap }: PictureOptions): Ways {
  if (picture || layerMap !== undefined) return PICTURE;
  if (text) return WORDS;
  if (isSequence(tensor.shape, features !== null)) return SERIES;
  return { 1: FEATURES, 3: PICTURE }[tensor.rank] ?? {};
}

/** The heatmap of the input, or of a layer. */
function mapOf({ explanation, index, ready, caption }: Shown, options: PictureOptions): Promise<Figure> {
  const { pool, quantile, layerMap } = options;
  return heatmap(explanation, {
    caption: layerMap === undefined ? caption : `At layer "${layerMap}": ${caption}`,
    ...(layerMap === undefined ? { input: index } : { layer: layerMap }),
    ...(ready.picture && layerMap === undefined ? { picture: ready.picture } : {}),
    ...(pool ? { pool } : {}),
    ...(quantile === undefined ? {} : { scale: { quantile } }),
  });
}

/** What is explained, and in what its relevance is counted. */
function headingOf({ explanation, caption }: Shown) {
  return { caption, unit: unitOf(explanation) };
}

async function wordsOf({ explanation, index, ready }: Shown) {
  const scores = await tokenRelevance(explanation, ready.text?.tokens ?? [], { input: index });
  return scores.filter(({ token }) => token !== '');
}

function seriesOf(shown: Shown): Promise<Drawing> {
  const { explanation, index, ready } = shown;
  const { features, tensor } = ready;
  // A lone list bears the name of its input.
  const names = tensor.rank === 1 ? [explanation.inputs[index]?.name ?? ''] : features;
  const values = { values: tensor, ...(names ? { names } : {}) };
  return sequenceChart(relevanceAt(explanation, index), { ...headingOf(shown), ...values });
}

async function stepsOf(shown: Shown): Promise<Drawing> {
  const { explanation, index, ready } = shown;
  const { features, tensor } = ready;
  const named = features ? { names: features } : {};
  const earned = await featureRelevance(explanation, { input: index, values: tensor, ...named });
  const [score = Number.NaN] = await explanation.target.scores.data();
  const only = explanation.inputs.length === 1;
  // With several inputs what the others earned is no loss.
  const absorbed = only ? { absorbed: mostlyAbsorbed(await explanation.conservation()) } : {};
  return waterfall(earned, { ...headingOf(shown), score, ...absorbed });
}

async function numbersOf({ explanation, index }: Shown): Promise<Uint8Array> {
  const relevance = relevanceAt(explanation, index);
  return encodeNpy(await relevance.data<'float32'>(), relevance.shape);
}

function relevanceAt({ inputs }: Explanation, index: number) {
  const input = inputs[index];
  if (!input) throw new InputError(`There is no input ${index}.`);
  return input.relevance;
}
