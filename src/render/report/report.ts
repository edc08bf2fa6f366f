import { getBackend, version_core } from '@tensorflow/tfjs-core';
import { type Explanation, MatchError, version } from '../../index.js';
import { describeArrival } from '../absorbed.js';
import { escapeMarkup } from '../escape.js';
import { flowDiagram } from '../flow/flow-diagram.js';
import { describeTarget } from '../image/heatmap.js';
import { formatNumber } from '../number.js';
import type { Drawing } from '../scene/figure.js';
import { drawingHtml, page, paragraph, tableHtml } from './html.js';
import { type InputView, inputPicture } from './input-pictures.js';
import { labelOf } from './labels.js';
import { ledgerHtml, planHtml, predictionHtml } from './tables.js';

/** Options of {@link report}. */
export interface ReportOptions {
  /** Heading of the page. Default `Explanation of "<model>"`. */
  readonly title?: string;
  /** Which sample of the batch is shown. Default 0. */
  readonly sample?: number;
  /** Names of the units of the output that is explained; two for a lone unit: what it speaks against, and what for. */
  readonly labels?: readonly string[];
  /** What is known of the input besides its relevance; of each input with `inputs`. */
  readonly input?: InputView;
  /** The same by the name of the input, for models with several. */
  readonly inputs?: Readonly<Record<string, InputView>>;
  /** Pictures of your own, shown after those of the inputs. */
  readonly pictures?: readonly Drawing[];
  /** Anything else the reader should know, such as the version of the model: name and value. */
  readonly settings?: Readonly<Record<string, string>>;
  /** When it was made. Default now. */
  readonly date?: Date;
}

/** One part of the page. */
interface Section {
  readonly title: string;
  readonly content: string;
}

/**
 * The whole explanation as one HTML page that needs no other file, no network and no script: prediction, pictures of the
 * inputs, flow of relevance, plan, ledger, settings and versions. It prints, and every picture has a text alternative.
 *
 * @throws MatchError when there is no such sample.
 * @throws NumericsError when relevance is not finite: `explanation.conservation()` says where that begins.
 */
export async function report(explanation: Explanation, options: ReportOptions = {}): Promise<string> {
  const { title = `Explanation of “${explanation.plan.model}”` } = options;
  const sections = await reportSections(explanation, options);
  const header = `<header><h1>${escapeMarkup(title)}</h1>${paragraph(await lead(explanation, options))}</header>`;
  const content = sections.map((section, index) => {
    const id = `section-${index + 1}`;
    return `<section aria-labelledby="${id}"><h2 id="${id}">${escapeMarkup(section.title)}</h2>${section.content}</section>`;
  });
  return page(title, `${header}<main>${content.join('')}</main>`);
}

/** The parts of the page, in their order. */
export async function reportSections(explanation: Explanation, options: ReportOptions): Promise<Section[]> {
  const { labels = [], pictures = [], sample = 0 } = options;
  const samples = explanation.target.scores.shape[0] ?? 1;
  if (!(Number.isInteger(sample) && sample >= 0 && sample < samples)) {
    throw new MatchError(`There is no sample ${sample}. Allowed: 0 to ${samples - 1}.`);
  }
  const ledger = explanation.ledger ? await explanation.conservation() : null;
  const account = ledger ? ledgerHtml(ledger, samples) : paragraph('This explanation was made without a ledger.');
  return [
    { title: 'Prediction', content: await predictionHtml(explanation, sample, labels) },
    {
      title: 'Relevance',
      content: [
        ...(await inputPictures(explanation, sample, options)),
        // A map of a small rest looks as loud as any other.
        ledger && samples === 1 ? paragraph(`${describeArrival(ledger)}.`) : '',
        ...pictures.map(drawingHtml),
      ].join(''),
    },
    { title: 'How to read this', content: paragraph(READING) },
    { title: 'Flow of relevance', content: await flowHtml(explanation, sample, samples, ledger) },
    { title: 'Plan', content: planHtml(explanation.plan) },
    { title: 'Ledger', content: account },
    { title: 'Settings and versions', content: await settingsHtml(explanation, sample, options) },
  ];
}

const READING =
  'Relevance is the share of the explained score that a number of the input earned: positive relevance spoke for the score, ' +
  'negative against it. It is a statement about this model, this input and these rules, not about causes in the world. What ' +
  'biases and stabilizers absorb belongs to no input; the ledger says how much that is. Colours compare only within one scale.';

async function lead({ target, plan }: Explanation, { sample = 0, labels = [] }: ReportOptions): Promise<string> {
  const told = await describeTarget({ target, plan }, sample);
  // Units inside of the model have no names.
  const names = target.place.startsWith('output ') ? labels : [];
  const named = told.replace(/ of unit (\d+)(?= of )/, (unit, number: string) => {
    const label = labelOf(Number(number), unitsOf(target), names);
    return label === undefined ? unit : `${unit} (“${label}”)`;
  });
  return `Explained: ${named}.`;
}

/** How many units the explained place has in each sample. */
function unitsOf({ weights, scores }: Explanation['target']): number {
  return weights.size / (scores.shape[0] ?? 1);
}

function inputPictures(explanation: Explanation, sample: number, { input = {}, inputs = {} }: ReportOptions) {
  const pictures = explanation.inputs.map((one) => {
    return inputPicture(
      explanation,
      one,
      sample,
      Object.hasOwn(inputs, one.name) ? (inputs[one.name] ?? input) : input,
    );
  });
  return Promise.all(pictures);
}

async function flowHtml(
  explanation: Explanation,
  sample: number,
  samples: number,
  ledger: Parameters<typeof ledgerHtml>[0] | null,
) {
  const { calls } = explanation.plan;
  if (calls.length === 0 || calls.some(({ address }) => !Object.hasOwn(explanation.layers, address))) {
    return paragraph("The relevance of the layers was not kept: explain with {keep: 'layers'} to see its flow.");
  }
  const options = { ...(samples > 1 ? { sample } : {}), ...(ledger ? { ledger } : {}) };
  return drawingHtml(await flowDiagram(explanation, options));
}

async function settingsHtml(
  explanation: Explanation,
  sample: number,
  { settings = {}, date = new Date() }: ReportOptions,
) {
  const { plan, target } = explanation;
  const scores = await target.scores.data();
  const rows = [
    ['model', plan.model],
    ['explained', target.place],
    [target.quantity, formatNumber(scores[sample] ?? Number.NaN)],
    ['relevance starts with', target.start === 'custom' ? 'a value of the caller’s own' : `the ${target.start}`],
    ['rules', plan.rules],
    ...(plan.chosen === null ? [] : [['why these rules', plan.chosen]]),
    ['sample', scores.length === 1 ? 'the only one' : `number ${sample}, counted from 0, of ${scores.length}`],
    ['fingerprint of the plan', plan.fingerprint],
    ['backend', getBackend()],
    ['TensorFlow.js', version_core],
    ['tfjs-lrp', version],
    ['made on', date.toISOString()],
    ...Object.entries(settings),
  ];
  return tableHtml({ caption: 'Settings and versions', head: ['what', 'value'], rows });
}
