import type { Explanation, Ledger, LedgerSums, OutputValue, Plan, PlanSummary } from '../../index.js';
import { formatNumber } from '../number.js';
import { paragraph, tableHtml } from './html.js';
import { labelOf } from './labels.js';

/** The plan as a table, its warnings above it and its notes below. */
export function planHtml(plan: Pick<PlanSummary | Plan, 'model' | 'rules' | 'rows' | 'warnings'>): string {
  const notes = [...new Set(plan.rows.flatMap((row) => row.notes))];
  const rows = plan.rows.map(({ address, layerType, step, rule, because, notes: own }) => {
    const marks = own.map((note) => `[${notes.indexOf(note) + 1}]`).join(' ');
    return [address, layerType, step, rule, because, ...(notes.length > 0 ? [marks] : [])];
  });
  const head = ['address', 'layer', 'step', 'rule', 'why', ...(notes.length > 0 ? ['notes'] : [])];
  const caption = `Plan of “${plan.model}” with ${plan.rules}`;
  return [
    ...plan.warnings.map((warning) => paragraph(`Warning: ${warning}`, 'warning')),
    tableHtml({ caption, head, rows }),
    ...notes.map((note, index) => paragraph(`[${index + 1}] ${note}`)),
  ].join('');
}

const COLUMNS: readonly (readonly [name: string, column: Exclude<keyof LedgerSums, 'relativeResidual'>])[] = [
  ['received', 'received'],
  ['passed on', 'passed'],
  ['bias', 'bias'],
  ['stabilizer', 'stabilizer'],
  ['padding', 'padding'],
  ['empty', 'emptyGroup'],
  ['stopped', 'stopped'],
  ['initial', 'initialState'],
  ['residual', 'residual'],
];

/** The ledger as a table, with its verdict above. Columns that are zero everywhere are left out, and named below. */
export function ledgerHtml(ledger: Ledger, samples = 1): string {
  const { rows, verdict, worst, tolerance, started, arrived } = ledger;
  const [used, unused] = [true, false].map((wanted) =>
    COLUMNS.filter(([, column]) => rows.some((row) => row[column] !== 0) === wanted),
  );
  const shown = used ?? [];
  const body = rows.map((row) => [
    row.address,
    row.rule,
    ...shown.map(([, column]) => formatNumber(row[column])),
    row.relativeResidual.toExponential(1).replace('-', '−'),
  ]);
  const head = ['step', 'rule', ...shown.map(([name]) => name), 'relative'];
  const caption = samples > 1 ? `Ledger, sums over ${samples} samples` : 'Ledger';
  const size = worst
    ? ` The largest relative residual is ${worst.relativeResidual.toExponential(1)}, at ${worst.address}; up to ${tolerance} counts as rounding.`
    : '';
  const judged =
    verdict === 'closed'
      ? 'The account is closed: all relevance is accounted for.'
      : 'The account is open: some step gains or loses relevance unaccounted for.';
  const zeros = (unused ?? []).map(([name]) => name);
  return [
    paragraph(
      `${judged} Started with ${formatNumber(started)}, ${formatNumber(arrived)} reached the inputs.${size}`,
      verdict === 'closed' ? '' : 'warning',
    ),
    tableHtml({ caption, head, rows: body, numbers: head.map((_, column) => column).slice(2) }),
    zeros.length > 0 ? paragraph(`Zero in every row: ${zeros.join(', ')}.`) : '',
  ].join('');
}

/** How many units of an output are listed. */
const MOST_UNITS = 5;

/**
 * The strongest units of every output, the explained one first, with what a softmax or sigmoid that was set aside makes of them;
 * outputs that are maps by their shape.
 */
export async function predictionHtml(
  { outputs, target }: Pick<Explanation, 'outputs' | 'target'>,
  sample: number,
  labels: readonly string[],
): Promise<string> {
  const explained = ({ name }: OutputValue) => target.place === `output "${name}"`;
  const sorted = [...outputs].sort((a, b) => Number(explained(b)) - Number(explained(a)));
  const lists = sorted.filter(({ value }) => value.rank <= 2 && value.size > 0);
  const maps = sorted.filter(({ value }) => value.rank > 2);
  // Of several outputs the names are those of the one that is explained.
  const named = (output: OutputValue) => (outputs.length === 1 || explained(output) ? labels : []);
  const tables = await Promise.all(lists.map((output) => outputTable(output, sample, named(output))));
  const shapes = maps.map(({ name, value }) => `“${name}” ${value.shape.slice(1).join(' × ')}`);
  return [
    ...tables,
    maps.length > 0 ? paragraph(`Outputs whose numbers are not listed: ${shapes.join(', ')}.`) : '',
  ].join('');
}

async function outputTable(output: OutputValue, sample: number, labels: readonly string[]): Promise<string> {
  const { name, link } = output;
  const units = await unitsOf(output, sample);
  const probability = probabilitiesOf(units, link);
  const order = units
    .map((_, unit) => unit)
    .sort((a, b) => (units[b] ?? 0) - (units[a] ?? 0))
    .slice(0, MOST_UNITS);
  const rows = order.map((unit) => {
    const label = labelOf(unit, units.length, labels);
    return [
      label === undefined ? `unit ${unit}` : `${label} (unit ${unit})`,
      formatNumber(units[unit] ?? Number.NaN),
      ...(probability ? [formatNumber(probability[unit] ?? Number.NaN)] : []),
    ];
  });
  const count = units.length > order.length ? `, the ${order.length} strongest of ${units.length} units` : '';
  const head = [
    'unit',
    link ? `score before the ${link}` : 'score',
    ...(probability ? [link === 'sigmoid' ? 'after the sigmoid' : 'probability'] : []),
  ];
  return tableHtml({ caption: `Output “${name}”${count}`, head, rows, numbers: [1, 2] });
}

async function unitsOf({ value }: OutputValue, sample: number): Promise<number[]> {
  const size = value.shape.slice(1).reduce((a, b) => a * b, 1);
  return Array.from((await value.data()).slice(sample * size, (sample + 1) * size), Number);
}

function probabilitiesOf(scores: readonly number[], link: string | null): number[] | null {
  if (link === 'sigmoid') return scores.map((score) => 1 / (1 + Math.exp(-score)));
  if (link !== 'softmax' && link !== 'log-softmax') return null;
  const largest = scores.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const powers = scores.map((score) => Math.exp(score - largest));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / total);
}
