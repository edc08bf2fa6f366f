import { textTable } from '../src/text-table.js';
import type { Row } from './row.js';

const HEAD = [
  'network',
  'backend',
  'rules',
  'batch',
  'predict ms',
  'explain ms',
  'cpu',
  'wall',
  'quiet',
  'operations',
  'ledger',
  'read',
  'plan',
  'first call',
  'peak MiB',
  'peak / (weights + activations)',
];

/** The rows as text, aligned. */
export function tableOf(rows: readonly Row[]): string {
  const body = rows.map((row) => [
    row.network,
    row.backend,
    row.rules,
    String(row.batch),
    row.predictMs.toFixed(1),
    row.explainMs.toFixed(1),
    row.ratioCpu.toFixed(2),
    row.ratioWall.toFixed(2),
    row.ratioQuiet.toFixed(2),
    row.operations.toFixed(2),
    row.ledgerRatio === null ? '' : row.ledgerRatio.toFixed(3),
    row.readOverPredict === null ? '' : row.readOverPredict.toFixed(3),
    row.planOverPredict.toFixed(3),
    row.firstCallOverPredict.toFixed(1),
    (row.peakBytes / 2 ** 20).toFixed(1),
    (row.peakBytes / (row.weightBytes + row.activationBytes)).toFixed(2),
  ]);
  return textTable(
    [HEAD, ...body],
    HEAD.map((_, column) => column).filter((column) => column > 2),
  );
}
