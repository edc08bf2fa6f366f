import { extname } from 'node:path';
import { type Explanation, InputError, tokenRelevance } from '../../index.js';
import {
  absorbedOf,
  type Drawing,
  type Figure,
  featureRelevance,
  heatmap,
  seriesChart,
  timeFeatureHeatmap,
  tokensHtml,
  tokensSvg,
  unitOf,
  waterfall,
} from '../../render/index.js';
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

/** Series of more channels than this become a map of time and features. */
const MOST_LINES = 8;

type Draw = (shown: Shown, options: PictureOptions) => Promise<string | Uint8Array>;

const PICTURE: Readonly<Record<string, Draw>> = {
  '.png': async (shown, options) => (await mapOf(shown, options)).png(),
  '.svg': async (shown, options) => (await mapOf(shown, options)).svg,
};
const WORDS: Readonly<Record<string, Draw>> = {
  '.html': async (shown) => htmlPage(shown.caption, tokensHtml(await wordsOf(shown), headingOf(shown))),
  '.svg': async (shown) => tokensSvg(await wordsOf(shown), headingOf(shown)).svg,
  '.png': async (shown) => tokensSvg(await wordsOf(shown), headingOf(shown)).png(),
};
const SERIES: Readonly<Record<string, Draw>> = {
  '.png': PICTURE['.png'] as Draw, // Time down and features across.
  '.svg': async (shown) => (await seriesOf(shown)).svg,
};
const FEATURES: Readonly<Record<string, Draw>> = { '.svg': async (shown) => (await stepsOf(shown)).svg };

/**
 * The file that `--out` names: a heatmap as `.png` or `.svg`, words as `.html`, `.svg` or `.png`, series and features as
 * charts in `.svg`, numbers of any shape as `.npy`.
 *
 * @throws InputError when there is no such picture of this kind of input.
 */
export async function pictureFor(path: string, shown: Shown, options: PictureOptions): Promise<string | Uint8Array> {
  const extension = extname(path).toLowerCase();
  if (extension === '.npy') return numbersOf(shown);
  const ways = waysOf(shown, options);
  const draw = ways[extension];
  if (draw) return draw(shown, options);
  const known = [...Object.keys(ways), '.npy'].join(', ');
  throw new InputError(
    `There is no picture of this input as "${extension}" (--out ${path}). Expected one of ${known}.`,
  );
}

function waysOf({ ready }: Shown, { layerMap }: PictureOptions): Readonly<Record<string, Draw>> {
  if (ready.picture || layerMap !== undefined) return PICTURE;
  if (ready.text) return WORDS;
  return { 1: FEATURES, 2: SERIES, 3: PICTURE }[ready.tensor.rank] ?? {};
}

/** The heatmap of the input, or of a layer. */
export function mapOf({ explanation, index, ready, caption }: Shown, options: PictureOptions): Promise<Figure> {
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

async function seriesOf(shown: Shown): Promise<Drawing> {
  const { explanation, index, ready } = shown;
  const heading = headingOf(shown);
  const relevance = relevanceAt(explanation, index);
  const { features, tensor } = ready;
  if ((tensor.shape[1] ?? 0) > MOST_LINES) {
    return timeFeatureHeatmap(relevance, { ...heading, ...(features ? { features } : {}) });
  }
  return seriesChart(tensor, relevance, { ...heading, ...(features ? { channels: features } : {}) });
}

async function stepsOf(shown: Shown): Promise<Drawing> {
  const { explanation, index, ready } = shown;
  const { features, tensor } = ready;
  const named = features ? { names: features } : {};
  const earned = await featureRelevance(explanation, { input: index, values: tensor, ...named });
  const [score = Number.NaN] = await explanation.target.scores.data();
  const only = explanation.inputs.length === 1;
  // With several inputs what the others earned is no loss.
  const absorbed = only ? { absorbed: absorbedOf(await explanation.conservation()) } : {};
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
