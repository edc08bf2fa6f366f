import type { LayerCall } from '../graph/call.js';

const NOISE: readonly string[] = [
  'AlphaDropout',
  'Dropout',
  'GaussianDropout',
  'GaussianNoise',
  'RandomHeight',
  'RandomWidth',
  'SpatialDropout1D',
];

/** What a layer does otherwise in training than here, as a remark for its row; null for most. */
export function inferenceNote({ className, config }: LayerCall): string | null {
  if (NOISE.includes(className)) return 'acts in training only: off, as in predict';
  if (className === 'BatchNormalization') return 'uses its moving mean and variance, as in predict';
  return hasDropout(config) ? 'its dropout acts in training only: off, as in predict' : null;
}

/** Looks into cells and wrapped layers too, whose configurations lie inside. */
function hasDropout(config: Readonly<Record<string, unknown>>): boolean {
  if (isAbove(config.dropout) || isAbove(config.recurrentDropout)) return true;
  const cells = Array.isArray(config.cells) ? config.cells : [];
  return [config.cell, config.layer, ...cells].some(
    (inner) => isRecord(inner) && isRecord(inner.config) && hasDropout(inner.config),
  );
}

function isAbove(rate: unknown): boolean {
  return typeof rate === 'number' && rate > 0;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
