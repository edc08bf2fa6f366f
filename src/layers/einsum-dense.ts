import { parseEinsum } from '../kernels/einsum-equation.js';
import { einsumStep } from '../steps/einsum.js';
import { addActivation } from './activation.js';
import type { LayerAdapter } from './adapter.js';
import { cannotLower, rankOf, stringOf } from './config.js';

/**
 * EinsumDense: a dense layer over any axes. The steps do not use `tf.einsum`, so they run on wasm too, and know the
 * `...` that tfjs writes about but does not run.
 */
export const einsumDenseAdapter: LayerAdapter = (call, to) => {
  const equation = stringOf(call, 'equation');
  const contraction = parseEinsum(equation, rankOf(call));
  if (!contraction) {
    throw cannotLower(call, `its equation "${equation}" is not one of an input and a kernel, such as "abc,cd->abd".`);
  }
  const { input, output, kernel } = contraction;
  const [batch = ''] = input;
  if (output[0] !== batch || kernel.includes(batch)) {
    throw cannotLower(
      call,
      `its equation "${equation}" does not keep the batch, its first axis, apart. Relevance belongs to one sample; begin ` +
        'input and output with a letter the kernel does not have.',
    );
  }
  const z = to.add(einsumStep(contraction, call.weight('kernel'), call.optionalWeight('bias')), to.inputs);
  to.output(addActivation(call, to, z));
};
