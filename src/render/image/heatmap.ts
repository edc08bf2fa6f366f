import type { Tensor } from '@tensorflow/tfjs-core';
import { type Explanation, InputError, type InputRelevance, MatchError } from '../../index.js';
import { formatNumber, formatSigned } from '../number.js';
import { type Scale, type ScaleOptions, scaleOf } from '../scale.js';
import { type Figure, figureOf } from '../scene/figure.js';
import { layoutPanels, type Panel } from './layout.js';
import { type PictureSource, readPicture } from './picture.js';
import { type ImageAxes, type Plane, type PlaneOptions, type Pooling, pickSample, readPlanes } from './plane.js';
import { type OverlayOptions, overlayPlane, paintPlane, type Raster } from './raster.js';
import { shownWords } from './shown.js';

/** How relevance becomes a heatmap. */
export interface MapOptions extends ScaleOptions, OverlayOptions {
  /** How channels become one number. Default `sum`. */
  readonly pool?: Pooling;
  /** What the axes of tensors are. Default by their number: `HW`, `HWC`, `BHWC`. */
  readonly axes?: ImageAxes;
  /** The numbers that mean black and white in the picture's tensor, such as `[-1, 1]`. Default: its smallest and largest. */
  readonly range?: readonly [black: number, white: number];
  /** Longer side of each panel, in CSS pixels. */
  readonly side?: number;
  /** Printed above. Default: what was explained, its score and the rules. */
  readonly caption?: string;
}

/** One kind of panel. */
export type PanelKind = 'picture' | 'relevance' | 'overlay';

/** Options of {@link heatmap}. */
export interface HeatmapOptions extends MapOptions {
  /** The picture that was explained: bytes, or the tensor that went into the model. */
  readonly picture?: PictureSource;
  /** Which sample of the batch. Default 0. */
  readonly sample?: number;
  /** Name or index of the model input whose relevance is shown. Default: the only one. */
  readonly input?: string | number;
  /** Address of a layer whose output's relevance is shown instead. */
  readonly layer?: string;
  /** What is shown, side by side. Default: all three with a picture, else the relevance. */
  readonly panels?: readonly PanelKind[];
}

/** What every picture asks of an explanation. */
export type Explained = Pick<Explanation, 'inputs' | 'target' | 'plan' | 'layer'>;

/**
 * Few extreme pixels saturate, so that the rest shows, and the colour bar says so. Relevance has a sign also where all of it
 * happens to be above zero; pictures of one kind look alike.
 */
export function imageScale(options: MapOptions): ScaleOptions {
  const colours = options.pool === 'norm' ? 'cividis' : 'blue-red';
  return { scale: { quantile: 0.995 }, colours, ...options };
}

/**
 * The heatmap of one sample: picture, relevance and overlay side by side, with caption and colour bar. The colours end at the
 * 99.5 % quantile of the sizes unless `scale` says otherwise. Where more than a twentieth of the score was absorbed on the way, a
 * line below the caption says how much of it the map shows.
 *
 * @throws InputError when the relevance is no picture's, or an overlay is asked for without a picture.
 * @throws MatchError when the sample, input or layer does not exist.
 * @throws NumericsError when the relevance is not finite.
 */
export async function heatmap(explanation: Explained, options: HeatmapOptions = {}): Promise<Figure> {
  const { picture, sample = 0, side = 240 } = options;
  const { relevance, axes } = chosenRelevance(explanation, options);
  const reading = axes ? { ...options, axes } : options;
  const plane = pickSample(await readPlanes(relevance, reading), sample);
  const note = await shownWords(explanation.target, sample, await summedValues(relevance, plane, reading, sample));
  const unit = unitOf(explanation, options.pool);
  const scale = scaleOf([plane.values], { unit, ...imageScale(options) });
  const below = picture && (await readPictureLike(picture, relevance.rank, axes, { ...options, sample }));
  const kinds = options.panels ?? (below ? ['picture', 'relevance', 'overlay'] : ['relevance']);
  const row = kinds.map((kind) => panelOf(kind, plane, scale, below, options));
  const caption = options.caption ?? (await describeTarget(explanation, sample));
  const alt = `${describePlane(plane, scale)}${note === null ? '' : ` It ${note}.`}`;
  return figureOf(layoutPanels({ rows: [row], caption, note: note ?? '', side, alt: `${caption}. ${alt}` }));
}

/** A map's numbers with channels summed, whatever pooling it is shown with: only these add up. */
export async function summedValues(
  relevance: Tensor,
  plane: Plane,
  options: PlaneOptions,
  sample: number,
): Promise<Float32Array> {
  const { pool = 'sum' } = options;
  if (pool === 'sum') return plane.values;
  return pickSample(await readPlanes(relevance, { ...options, pool: 'sum' }), sample).values;
}

/** The tensor that is shown, and what its axes are where their number does not say it. */
function chosenRelevance(explanation: Explained, { layer, input, axes }: HeatmapOptions) {
  if (layer !== undefined) {
    const { output } = explanation.layer(layer);
    return { relevance: output, axes: axes ?? layerAxes(output) };
  }
  const found = findInput(explanation, input);
  return { relevance: found.relevance, axes: axes ?? inputAxes(explanation, found) };
}

/** Layers always have a batch axis; a sequence of vectors becomes a map of time down and features across. */
export function layerAxes(output: Tensor): ImageAxes {
  return output.rank === 3 ? 'BHW' : 'BHWC';
}

/** Pictures of one channel may come without an axis for it; nothing else needs to be said. */
export function inputAxes(explanation: Pick<Explanation, 'plan'>, input: InputRelevance): ImageAxes | undefined {
  return input.relevance.rank === 3 && hasBatch(explanation, input) ? 'BHW' : undefined;
}

/** A sample explained alone, without the batch axis, has one axis less than the model's input. */
export function hasBatch({ plan }: Pick<Explanation, 'plan'>, { name, relevance }: InputRelevance): boolean {
  const shape = plan.calls.find((call) => call.address === name)?.outputShapes[0];
  return shape ? relevance.rank === shape.length : relevance.rank % 2 === 0;
}

/** A tensor of the same number of axes as the relevance is read in the same way. */
export function readPictureLike(
  picture: PictureSource,
  rank: number | undefined,
  axes: ImageAxes | undefined,
  { range, sample = 0 }: Pick<HeatmapOptions, 'range' | 'sample'>,
): Promise<Raster> {
  if ('width' in picture) return readPicture(picture);
  const known = { sample, ...(range ? { range } : {}) };
  return readPicture(picture, axes && picture.rank === rank ? { ...known, axes } : known);
}

function panelOf(
  kind: PanelKind,
  plane: Plane,
  scale: Scale,
  below: Raster | undefined,
  options: OverlayOptions,
): Panel {
  if (kind === 'relevance') return { title: 'relevance', raster: paintPlane(plane, scale), scale };
  if (!below) {
    throw new InputError(`A panel "${kind}" needs the picture that was explained. Give it: {picture: input}.`);
  }
  if (kind === 'picture') return { title: 'input', raster: below, scale: null };
  return { title: 'overlay', raster: overlayPlane(below, plane, scale, options), scale };
}

/** A model input with its relevance, by name or index. */
export function findInput({ inputs }: Pick<Explanation, 'inputs'>, wanted?: string | number): InputRelevance {
  const [only] = inputs;
  if (wanted === undefined && inputs.length === 1 && only) return only;
  const found = typeof wanted === 'number' ? inputs[wanted] : inputs.find(({ name }) => name === wanted);
  if (found) return found;
  const names = inputs.map(({ name }) => `"${name}"`).join(', ');
  throw new MatchError(
    wanted === undefined
      ? `The model has ${inputs.length} inputs: ${names}. Say which: {input: ${names.split(',')[0]}}.`
      : `There is no input ${JSON.stringify(wanted)}. The model has ${names}.`,
  );
}

/** What the numbers of a picture are. */
export function unitOf({ target }: Pick<Explanation, 'target'>, pool: Pooling = 'sum'): string {
  const unit = target.start === 'score' ? target.quantity : 'start value';
  return `relevance, in units of the ${unit}${pooledWords(pool)}`;
}

/** What pooling over channels adds to the unit. */
export function pooledWords(pool: Pooling = 'sum'): string {
  return { sum: '', 'max-abs': ', strongest channel', norm: ', length over channels' }[pool];
}

/** `logit 4.21 of unit 3 of output "dense", rules epsilon`: the caption of a sample. */
export async function describeTarget(
  { target, plan }: Pick<Explanation, 'target' | 'plan'>,
  sample: number,
): Promise<string> {
  return `${await describeScore(target, sample)}, rules ${plan.rules}`;
}

/** The same without the rules, where many pictures share them: `logit 5.2 of unit 2 of output "classes"`. */
export async function describeScore(target: Explanation['target'], sample: number): Promise<string> {
  const scores = await target.scores.data();
  const weights = await target.weights.data();
  const size = weights.length / scores.length;
  const own = Array.from(weights.slice(sample * size, (sample + 1) * size));
  const units = own.flatMap((weight, unit) => (weight === 0 ? [] : [unit]));
  const [first] = units;
  // More than one unit with a weight: a contrast, a mask, a position of one's own.
  const unit = units.length === 1 && own[first ?? 0] === 1 ? `unit ${first} of ` : '';
  const score = formatNumber(scores[sample] ?? Number.NaN);
  return `${target.quantity} ${score} of ${unit}${target.place}`;
}

/** A map in words. */
export function describePlane({ width, height, values }: Plane, scale: Scale): string {
  let [positive, negative, strongest] = [0, 0, 0];
  values.forEach((value, pixel) => {
    if (value > 0) positive += value;
    else negative += value;
    if (Math.abs(value) > Math.abs(values[strongest] ?? 0)) strongest = pixel;
  });
  const [column, row] = [(strongest % width) + 1, Math.floor(strongest / width) + 1];
  const most = formatSigned(values[strongest] ?? 0);
  return (
    `Heatmap, ${width} wide and ${height} high, ${scale.unit}: positive ${formatNumber(positive)} in all, ` +
    `negative ${formatNumber(negative)}; strongest ${most} at column ${column} from the left, row ${row} from the top.`
  );
}
