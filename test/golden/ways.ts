import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type Composite, type FoldMode, PlanError, type PlanOptions, plan } from '../../src/index.js';
import { compositeOf } from './composites.js';
import type { Expectation, Params, RuleSpec } from './format.js';
import { Inexpressible } from './inexpressible.js';
import { compositeOfRules } from './rules.js';

/** One way to ask the library for the rules of an expectation. */
export interface Way {
  readonly name: string;
  readonly rules: Composite;
  readonly options: PlanOptions;
}

const RECURRENT = ['LSTM', 'GRU', 'SimpleRNN', 'Bidirectional'];

/**
 * The ways to say the rules: layer by layer, and by the named composite where there is one.
 *
 * @throws Inexpressible when the library cannot be asked this.
 */
export function waysOf(expectation: Expectation, model: LayersModel): Way[] {
  const { method, composite } = expectation;
  if (method !== 'lrp') throw new Inexpressible(`no method "${method}"`, method);
  const batchNorm = foldMode(expectation);
  const options: PlanOptions = { canonize: { batchNorm } };
  const spelled = compositeOfRules(rulesOf(expectation, model), model, batchNorm !== 'none', addsUnsigned(expectation));
  const ways = [{ name: 'rules', rules: spelled, options }];
  return composite ? [...ways, { name: composite.name, rules: compositeOf(composite), options }] : ways;
}

/** @throws Inexpressible when the library finds the model or the rules beyond it. */
export function planOf(model: LayersModel, { rules, options }: Way) {
  try {
    return plan(model, rules, options);
  } catch (error) {
    throw error instanceof PlanError ? new Inexpressible(error.message) : error;
  }
}

function foldMode({ merge_batchnorm, params = {} }: Expectation): FoldMode {
  if (merge_batchnorm !== undefined) return merge_batchnorm ? 'after' : 'none';
  const { batchnorm } = params;
  if (batchnorm === undefined) return 'none';
  if (batchnorm === 'folded into the linear layer that consumes it') return 'both';
  throw new Error(`params: unknown batchnorm ${JSON.stringify(batchnorm)}`);
}

function rulesOf({ rules, params = {} }: Expectation, model: LayersModel): Readonly<Record<string, RuleSpec>> {
  if (rules) return rules;
  if (params.bias_factor !== undefined) return recurrentRules(params, model);
  throw new Error('an lrp expectation says the rules of the layers');
}

/** A recurrent model may give only the parameters: one epsilon and bias factor for all of it. */
function recurrentRules({ epsilon, bias_factor }: Params, model: LayersModel): Record<string, RuleSpec> {
  const rules: Record<string, RuleSpec> = {};
  for (const layer of model.layers) {
    // A Dense layer is one more product to these sources.
    const treated = layer.getClassName() === 'Dense' || RECURRENT.includes(layer.getClassName());
    if (treated) rules[layer.name] = { rule: 'rnn_signal_takes_all', epsilon, bias_factor };
  }
  return rules;
}

/** LXT adds ε whatever the sign of the denominator; the other sources, alone or beside it, go by the sign. */
function addsUnsigned({ source = '' }: Expectation): boolean {
  return source.startsWith('lxt');
}
