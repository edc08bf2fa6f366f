import { InputError, type Ledger } from '../../index.js';
import { unitOf } from '../image/heatmap.js';
import { formatNumber, formatShare, formatSigned } from '../number.js';
import type { Drawing } from '../scene/figure.js';
import { type Mark, wrapText } from '../scene/scene.js';
import { markSvg, svgDocument } from '../scene/scene-svg.js';
import { collapse } from './collapse.js';
import { drawFlow } from './draw-flow.js';
import { type FlowGraph, type FlowSource, readFlow } from './flow-graph.js';

/** Options of {@link flowDiagram}. */
export interface FlowOptions {
  /** Which sample; default: the whole batch together. */
  readonly sample?: number;
  /** Whether layers that hand all on are drawn as one with the layer below them. Default true. */
  readonly collapse?: boolean;
  /** Printed above. Default: what was explained. */
  readonly caption?: string;
  /** The ledger, where it has been read already. */
  readonly ledger?: Ledger;
}

const MARGIN = 16;
const LINE = 18;

/**
 * How relevance flows from the score down to the inputs: every layer call with what it received and what it absorbed, every
 * way between two of them as wide as the relevance that takes it, red above zero and blue below.
 *
 * @throws MatchError when the relevance of the layers was not kept.
 * @throws InputError when there is no such sample.
 * @throws NumericsError when the ledger holds NaN or infinity.
 */
export async function flowDiagram(explanation: FlowSource, options: FlowOptions = {}): Promise<Drawing> {
  const { sample, collapse: together = true, caption } = options;
  const samples = explanation.target.scores.shape[0] ?? 1;
  if (sample !== undefined && !(Number.isInteger(sample) && sample >= 0 && sample < samples)) {
    throw new InputError(`There is no sample ${sample}. Allowed: 0 to ${samples - 1}.`);
  }
  const ledger = options.ledger ?? (explanation.ledger ? await explanation.conservation() : null);
  const whole = await readFlow(explanation, ledger, sample);
  const graph = together ? collapse(whole) : whole;
  const { target, plan } = explanation;
  const heading =
    caption ?? `Relevance from ${target.place} of "${plan.model}" down to the inputs, rules ${plan.rules}`;
  const flow = drawFlow(graph, target.quantity);
  const width = Math.max(flow.width, 420) + 2 * MARGIN;
  const title = textLines(wrapText(heading, 14, width - 2 * MARGIN), MARGIN, 14, true);
  const top = MARGIN + title.length * LINE + 6;
  const key = textLines(
    wrapText(legend(unitOf(explanation), ledger !== null, together), 12, width - 2 * MARGIN),
    top + flow.height + 14,
    12,
  );
  const height = top + flow.height + 14 + key.length * LINE + MARGIN / 2;
  const alt = `${heading}. ${describe(graph)}`;
  const left = (width - flow.width) / 2;
  const content = `${title.map(markSvg).join('')}<g transform="translate(${left},${top})">${flow.svg}</g>${key.map(markSvg).join('')}`;
  return { width, height, alt, svg: svgDocument(width, height, alt, content) };
}

function textLines(lines: readonly string[], top: number, size: number, bold = false): Mark[] {
  return lines.map((text, index) => {
    return { kind: 'text', text, x: MARGIN, y: top + LINE * index + size, size, bold };
  });
}

function legend(unit: string, hasLedger: boolean, together: boolean): string {
  return [
    `Widths: ${unit}.`,
    'Red: above zero; blue: below.',
    hasLedger ? 'Grey, to the right: absorbed in the layer.' : 'What layers absorb is not shown: there is no ledger.',
    ...(together ? ['Layers that hand all relevance on are drawn as one with the layer below them.'] : []),
  ].join(' ');
}

/** The flow in words: where it starts, what the inputs got, and where most was absorbed. */
function describe({ nodes, starts }: FlowGraph): string {
  const started = [...starts.values()].reduce((sum, start) => sum + start, 0);
  const inputs = nodes.filter((node) => node.isInput).map((node) => `${node.id} ${formatSigned(node.received)}`);
  const losses = nodes
    .flatMap((node) => node.absorbed.map((one) => ({ ...one, at: node.addresses[0] ?? '' })))
    .sort((a, b) => Math.abs(b.relevance) - Math.abs(a.relevance))
    .slice(0, 3)
    .filter(({ relevance }) => Math.abs(relevance) > 1e-3 * Math.abs(started))
    .map(
      ({ name, relevance, at }) => `${name} of ${at} ${formatSigned(relevance)} (${formatShare(relevance / started)})`,
    );
  const most = losses.length > 0 ? ` Most was absorbed by ${losses.join(', ')}.` : '';
  return `Started with ${formatNumber(started)}; the inputs received ${inputs.join(', ')}.${most}`;
}
