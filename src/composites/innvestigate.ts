import { alphaBeta } from '../rules/alpha-beta.js';
import { epsilon } from '../rules/epsilon.js';
import { flat } from '../rules/flat.js';
import type { LinearRule } from '../rules/rule.js';
import { type Composite, combine, composite } from './composite.js';
import { reluOnly } from './deep-taylor.js';
import { CONVOLUTIONS } from './families.js';

/** Options of the presets that bear iNNvestigate's names. */
export interface InnvestigateOptions {
  /** ε on dense layers. Default 0.1. */
  readonly epsilon?: number;
  /** Flat variants only: how many linear layers from the input take the flat rule. Default 1. */
  readonly flatLayers?: number;
}

const STABILIZER = { stabilizer: 1e-7 } as const;

/** iNNvestigate's sequential preset A: α1β0 on convolutions, ε = 0.1 on dense layers. Meant for ReLU networks. */
export function presetA(options: InnvestigateOptions = {}): Composite {
  return preset('preset-a', alphaBeta(1, 0, STABILIZER), options);
}

/** iNNvestigate's sequential preset B: α2β1 on convolutions, ε = 0.1 on dense layers. Meant for ReLU networks. */
export function presetB(options: InnvestigateOptions = {}): Composite {
  return preset('preset-b', alphaBeta(2, 1, STABILIZER), options);
}

/** {@link presetA} with the flat rule on the first linear layer, or on the first few. */
export function presetAFlat(options: InnvestigateOptions = {}): Composite {
  return withFlat('preset-a-flat', presetA(options), options);
}

/** {@link presetB} with the flat rule on the first linear layer, or on the first few. */
export function presetBFlat(options: InnvestigateOptions = {}): Composite {
  return withFlat('preset-b-flat', presetB(options), options);
}

function preset(name: string, convolution: LinearRule, options: InnvestigateOptions): Composite {
  return composite(
    name,
    [
      { match: { className: CONVOLUTIONS, weighted: true }, rule: convolution, optional: true },
      { match: { weighted: true }, rule: epsilon(options.epsilon ?? 0.1), optional: true },
    ],
    { remarks: reluOnly(name, 'warning') },
  );
}

function withFlat(name: string, base: Composite, { flatLayers = 1 }: InnvestigateOptions): Composite {
  const match = flatLayers === 1 ? ({ position: 'first' } as const) : { firstN: flatLayers };
  const first = composite('first-flat', [{ match, rule: flat(STABILIZER), optional: true }]);
  return { ...combine(first, base), name, remarks: reluOnly(name, 'warning') };
}
