import { type Explanation, InputError, type Ledger, type Plan, type PlanSummary } from '../index.js';
import { drawingHtml, foldedHtml, fragment } from './report/html.js';
import { type ReportOptions, reportSections } from './report/report.js';
import { ledgerHtml, planHtml } from './report/tables.js';
import type { Drawing, Figure } from './scene/figure.js';

/** What can be shown: an explanation, a plan, a ledger, a picture, or a piece of HTML such as {@link tokensHtml} makes. */
export type Showable = Explanation | Plan | PlanSummary | Ledger | Drawing | Figure | string;

/** A thing in the forms that notebooks show. */
export interface Display {
  /** As HTML; every thing has this form. */
  readonly html: string;
  /** As SVG, for pictures. */
  readonly svg?: string;
  /** As bytes of a PNG file, for pictures that have pixels. */
  readonly png?: Uint8Array;
}

/** What shows HTML: `tslab.display` is one. */
export interface Displayer {
  /** Shows a piece of HTML. */
  html(text: string): void;
}

/**
 * Anything of this library in the forms a notebook shows: an explanation with prediction and pictures, flow, plan and ledger
 * folded below; a plan or ledger as a table; a picture as it is.
 *
 * @param options For explanations: labels, pictures, tokens, sample, as for {@link report}.
 * @throws InputError when the value is nothing of this library's.
 */
export async function display(value: Showable, options: ReportOptions = {}): Promise<Display> {
  if (typeof value === 'string') return { html: value };
  if ('svg' in value) return displayDrawing(value);
  if ('conservation' in value) return { html: fragment(await explanationHtml(value, options)) };
  if ('verdict' in value) return { html: fragment(ledgerHtml(value)) };
  if ('rules' in value) return { html: fragment(planHtml(value)) };
  throw new InputError('Only explanations, plans, ledgers, pictures and HTML can be shown; received something else.');
}

/**
 * Shows anything of this library in a notebook by one call: `await show(explanation, tslab.display)`.
 *
 * @throws InputError when the value is nothing of this library's.
 */
export async function show(value: Showable, displayer: Displayer, options: ReportOptions = {}): Promise<void> {
  displayer.html((await display(value, options)).html);
}

function displayDrawing(drawing: Drawing | Figure): Display {
  const html = fragment(drawingHtml(drawing));
  return 'png' in drawing ? { html, svg: drawing.svg, png: drawing.png() } : { html, svg: drawing.svg };
}

/** What one looks at first is open, the rest folded. */
const OPEN = ['Prediction', 'Relevance'];

async function explanationHtml(explanation: Explanation, options: ReportOptions): Promise<string> {
  const sections = await reportSections(explanation, options);
  return sections.map(({ title, content }) => (OPEN.includes(title) ? content : foldedHtml(title, content))).join('');
}
