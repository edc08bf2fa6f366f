import * as tf from '@tensorflow/tfjs-core';
import { InternalError } from '../errors.js';
import { asFloat } from '../tensors/as-float.js';
import * as ops from '../tensors/ops.js';
import { sizeOf } from '../tensors/shape.js';
import type { SelectStep } from './step.js';

/** Which masks an {@link attentionMaskStep} joins. */
export interface AttentionMasks {
  /** One per position that asks, `[batch, targets]`. */
  readonly query: boolean;
  /** One per position that is attended to, `[batch, sources]`. */
  readonly value: boolean;
  /** One per pair, `[(batch, ...) targets, sources]`; each of the two may be several axes. */
  readonly pairs: boolean;
  /** True where a position may only attend to itself and those before it. */
  readonly causal: boolean;
  /** How many axes attention runs over. */
  readonly axes: number;
}

/**
 * 1 where attention is allowed by all masks, else 0; broadcasts against the scores `[batch, ..., targets, sources]`.
 *
 * Inputs: the scores, then the masks of query, value and pairs, those of them that there are.
 */
export function attentionMaskStep(masks: AttentionMasks): SelectStep {
  return {
    kind: 'select',
    name: masks.causal ? 'causal attention mask' : 'attention mask',
    apply: ([scores, ...given]) => {
      if (!scores) throw new InternalError('an attention mask needs the scores');
      const rank = scores.rank;
      const [targets = 1, sources = 1] = scores.shape.slice(-2);
      const take = (there: boolean) => (there ? given.shift() : undefined);
      return tf.tidy(() => {
        const [query, value, pairs] = [take(masks.query), take(masks.value), take(masks.pairs)];
        const parts: tf.Tensor[] = [];
        if (query) parts.push(ops.reshape(allowed(query), lifted(rank, [query.shape[0] ?? 1], [targets, 1])));
        if (value) parts.push(ops.reshape(allowed(value), lifted(rank, [value.shape[0] ?? 1], [1, sources])));
        if (pairs) parts.push(ops.reshape(allowed(pairs), pairsShape(pairs, rank, masks.axes)));
        if (masks.causal)
          parts.push(ops.reshape(lowerTriangle(targets, sources), lifted(rank, [], [targets, sources])));
        return parts.reduce((all, part) => ops.mul(all, part));
      });
    },
    route: (_rOut, xs) => xs.map(() => null),
    lost: (rOut) => rOut,
    sign: () => 'nonnegative',
  };
}

/** The two axes at the end, what is given at the beginning, and ones between. */
function lifted(rank: number, lead: readonly number[], last: readonly number[]): number[] {
  return [...lead, ...new Array<number>(rank - lead.length - last.length).fill(1), ...last];
}

/** A mask of pairs with its attention axes joined; tfjs puts the missing axes right before them. */
function pairsShape(mask: tf.Tensor, rank: number, axes: number): number[] {
  const lead = mask.rank - 2 * axes;
  const [targets, sources] = [mask.shape.slice(lead, lead + axes), mask.shape.slice(lead + axes)];
  return lifted(rank, mask.shape.slice(0, lead), [sizeOf(targets), sizeOf(sources)]);
}

function allowed(mask: tf.Tensor): tf.Tensor {
  return ops.step(ops.abs(asFloat(mask)));
}

function lowerTriangle(targets: number, sources: number): tf.Tensor {
  const [target, source] = [
    ops.reshape(tf.range(0, targets), [targets, 1]),
    ops.reshape(tf.range(0, sources), [1, sources]),
  ];
  return ops.step(ops.add(ops.sub(target, source), 1));
}
