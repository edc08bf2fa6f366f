import type { Contraction } from '../kernels/einsum-equation.js';
import { einsumOp } from '../kernels/einsum-op.js';
import type { Weight } from '../tensors/weight.js';
import { mapOf } from './linear-map.js';
import type { LinearStep } from './step.js';

/**
 * `z = einsum(equation, x, kernel) + bias`: a dense layer over any axes, `abc,cde->abde`. The bias broadcasts against `z`.
 *
 * @param contraction The equation, read by `parseEinsum`.
 */
export function einsumStep(contraction: Contraction, kernel: Weight, bias: Weight | null = null): LinearStep {
  return { kind: 'linear', name: `einsum ${contraction.equation}`, map: mapOf(einsumOp(contraction)), kernel, bias };
}
