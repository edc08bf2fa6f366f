import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Plan, Target } from '../../index.js';
import type { Labels } from '../read/labels.js';
import type { ExitCode } from './exit-codes.js';
import { type InputOptions, type Inputs, readInputs } from './inputs.js';
import type { Io } from './io.js';
import { type CommonOptions, labelsOf, planOf, preprocessingOf, withSubject } from './subject.js';
import { type TargetOptions, targetOf } from './target.js';

/** All that an explanation needs. */
export interface Setting {
  readonly model: LayersModel;
  readonly planned: Plan;
  readonly inputs: Inputs;
  readonly labels: Labels;
  readonly target: Target | undefined;
  /** How pictures got their size. */
  readonly fit: 'crop' | 'stretch';
}

/** Options that say what is explained. */
export interface SettingOptions extends CommonOptions, InputOptions, TargetOptions {}

/** Loads a model, plans, reads inputs; does the work, and ends everything whatever happens. */
export function withSetting(
  path: string,
  references: readonly string[],
  options: SettingOptions,
  io: Io,
  work: (setting: Setting) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withSubject(path, options, io, async (subject) => {
    const how = await preprocessingOf(subject, options.preprocessing, flagsOf(options));
    const labels = await labelsOf(subject, how);
    const target = targetOf(options, labels);
    const planned = planOf(subject, options, options.rules);
    try {
      const inputs = await readInputs(subject.inputs, references, options, how, io);
      try {
        return await work({ model: subject.model, planned, inputs, labels, target, fit: how.fit ?? 'crop' });
      } finally {
        inputs.dispose();
      }
    } finally {
      planned.dispose();
    }
  });
}

/** The flags that are about preprocessing; what was not given stays as the file beside the model says. */
function flagsOf(options: InputOptions): Partial<InputOptions> {
  const { scale, offset, fit, vocabulary, unknown, pad, padding, caseSensitive, labels, features } = options;
  const flags = { scale, offset, fit, vocabulary, unknown, pad, padding, caseSensitive, labels, features };
  return Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
}
