import { categoryStep } from '../steps/category.js';
import { identityStep } from '../steps/identity.js';
import type { LayerAdapter } from './adapter.js';
import { cannotLower, numberOf, rankOf, stringOf } from './config.js';

/** CategoryEncoding: tokens as a vector over the vocabulary. Its relevance goes back to the tokens. */
export const categoryEncodingAdapter: LayerAdapter = (call, to) => {
  const mode = stringOf(call, 'outputMode', 'multiHot');
  if (call.callArgs.countWeights !== undefined) {
    throw cannotLower(call, 'it is called with countWeights, which tfjs leaves out when a model runs.');
  }
  if (mode === 'int') {
    to.output(to.add(identityStep, to.inputs));
    return;
  }
  if (mode === 'tfIdf')
    throw cannotLower(call, 'tfjs has no weights to give to outputMode "tfIdf", and does not run it.');
  // tfjs writes the shape of the output over that of the input, so more than the rank is not known.
  if (rankOf(call) > 2) throw cannotLower(call, `tfjs does not run outputMode "${mode}" on inputs of this shape.`);
  if (rankOf(call) === 1 && mode !== 'oneHot') {
    throw cannotLower(
      call,
      'without an axis for the tokens it mixes the samples of a batch. Give the input shape [1].',
    );
  }
  to.output(to.add(categoryStep(numberOf(call, 'numTokens'), mode === 'count'), to.inputs));
};

/** RandomWidth and RandomHeight: a model that contains one can be built, but not run. */
export const randomSizeAdapter: LayerAdapter = refusing(
  'tfjs resizes at random in every call, outside of training too, and cannot run the layer as part of a model. Build the ' +
    'model without it: it has no weights.',
);

/** Tokenizers and what packs their tokens. */
export const textAdapter: LayerAdapter = refusing(
  'it turns text into tokens, where no relevance can be. Explain the model that reads the tokens.',
);

/** Says why a class of tfjs-layers cannot be explained. */
function refusing(why: string): LayerAdapter {
  return (call) => {
    throw cannotLower(call, why);
  };
}
