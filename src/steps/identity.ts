import { InternalError } from '../errors.js';
import type { RelabelStep } from './step.js';

/** A step that hands its input on, so that a layer that does nothing has relevance of its own. */
export const identityStep: RelabelStep = {
  kind: 'relabel',
  name: 'identity',
  apply: ([x]) => {
    if (!x) throw new InternalError('identity without input');
    return x;
  },
  back: (rOut) => [rOut],
  bijective: true,
};
