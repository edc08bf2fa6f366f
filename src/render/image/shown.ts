import type { Explanation } from '../../index.js';
import { formatNumber, formatShare } from '../number.js';

/** Below this share of the score, what was absorbed on the way is not worth a line. */
const NEARLY_ALL = 0.05;

/**
 * How much of the explained score a map shows, where that is not nearly all: `shows 0.0017 of the logit 26.2 (<0.1 %)`. Biases
 * and the like took the rest. Null where the relevance did not start as the score.
 *
 * @param values Relevance summed over channels.
 */
export async function shownWords(
  { scores, start, quantity }: Explanation['target'],
  sample: number,
  values: Float32Array,
): Promise<string | null> {
  const score = (await scores.data())[sample];
  if (start !== 'score' || score === undefined) return null;
  const shown = values.reduce((sum, value) => sum + value, 0);
  if (Math.abs(score - shown) <= NEARLY_ALL * Math.abs(score)) return null;
  const share = shown / score;
  if (share >= 0 && share < 1) {
    return `shows ${formatNumber(shown)} of the ${quantity} ${formatNumber(score)} (${formatShare(share)})`;
  }
  return `adds up to ${formatNumber(shown)}, the ${quantity} is ${formatNumber(score)}`;
}
