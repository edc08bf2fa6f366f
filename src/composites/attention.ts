import { epsilon } from '../rules/epsilon.js';
import { layerNorm } from '../rules/layer-norm.js';
import { norm } from '../rules/norm.js';
import { signalTakeAll, uniformSplit } from '../rules/product.js';
import { softmaxTaylor } from '../rules/softmax-taylor.js';
import { type Composite, type CompositeEntry, composite } from './composite.js';
import { biasOption, type PresetOptions } from './epsilon.js';
import { RECURRENT } from './families.js';

/** Options of {@link attnLrp} and {@link cpLrp}. */
export interface AttentionPresetOptions extends Pick<PresetOptions, 'epsilon' | 'bias'> {
  /** Stabilizer of sums, and in AttnLRP of products. Default 1e-8. */
  readonly stabilizer?: number;
}

/**
 * AttnLRP: ε on dense layers, projections and normalizations, softmax by Taylor step, products (scores, context, gates)
 * shared uniformly by both operands, activations and factors passed. For attention layers and for attention assembled from
 * Dense, Dot and Softmax.
 *
 * Conserves but for biases and the softmax, whose constant part the ledger books as bias. Class-sensitive; attention
 * weights earn relevance of their own.
 *
 * @see Achtibat et al. 2024, "AttnLRP: attention-aware layer-wise relevance propagation for transformers".
 */
export function attnLrp(options: AttentionPresetOptions = {}): Composite {
  const stabilizer = options.stabilizer ?? 1e-8;
  const product = uniformSplit({ stabilizer });
  return composite('attn-lrp', [
    // Gates are no attention: what they let through keeps all. Products in a cell that name no signal take the next entry.
    { match: { className: RECURRENT }, rule: signalTakeAll(), optional: true },
    { match: {}, rule: product, optional: true },
    { match: {}, rule: softmaxTaylor(), optional: true },
    ...affine(options),
  ]);
}

/**
 * CP-LRP: attention weights are constants, so that in the product of weights and values the values earn everything, and
 * queries and keys nothing; ε on dense layers and normalizations. Which operand holds the weights is read off the graph:
 * it comes from a softmax.
 *
 * Conserves but for biases, and is steadier than {@link attnLrp}; but where a model looks is no part of the explanation.
 *
 * @see Ali et al. 2022, "XAI for transformers: better explanations through conservative propagation".
 */
export function cpLrp(options: AttentionPresetOptions = {}): Composite {
  const stabilizer = options.epsilon ?? 1e-6;
  return composite('cp-lrp', [
    { match: { softmaxOperand: 0 }, rule: signalTakeAll({ operand: 1, stabilizer }), optional: true },
    { match: { softmaxOperand: 1 }, rule: signalTakeAll({ operand: 0, stabilizer }), optional: true },
    ...affine(options),
  ]);
}

/** What both presets do with linear layers, sums and normalizations. */
function affine(options: AttentionPresetOptions): CompositeEntry[] {
  const { epsilon: value = 1e-6, stabilizer = 1e-8 } = options;
  const sum = norm({ stabilizer });
  return [
    { match: { weighted: true }, rule: epsilon(value, biasOption(options)), optional: true },
    { match: { className: 'Add', weighted: false }, rule: sum, optional: true },
    { match: { role: 'attention_residual' }, rule: sum, optional: true },
    { match: { role: 'feed_forward_residual' }, rule: sum, optional: true },
    { match: {}, rule: layerNorm(value), optional: true },
  ];
}
