import type { Contraction } from '../kernels/einsum-equation.js';
import { einsumOp } from '../kernels/einsum-op.js';
import * as ops from '../tensors/ops.js';
import { derivedWeight, type Weight } from '../tensors/weight.js';
import { mapOf } from './linear-map.js';
import type { LinearStep } from './step.js';

/**
 * `z = einsum(equation, x, kernel) + bias`: a dense layer over any axes, `abc,cde->abde`. The bias broadcasts against `z`.
 *
 * @param contraction The equation, read by `parseEinsum`.
 */
export function einsumStep(contraction: Contraction, kernel: Weight, bias: Weight | null = null): LinearStep {
  return {
    kind: 'linear',
    name: `einsum ${contraction.equation}`,
    map: mapOf(einsumOp(contraction)),
    kernel,
    bias: bias && inFullRank(bias, contraction.output.length),
  };
}

/** webgpu broadcasts wrongly against tensors of more than four axes. */
function inFullRank(bias: Weight, rank: number): Weight {
  if (rank <= 4) return bias;
  const shape = [...new Array<number>(rank - bias.shape.length).fill(1), ...bias.shape];
  return derivedWeight(`${bias.name} in full rank`, shape, [bias], (b) => ops.reshape(b, shape));
}
