import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { InputError, type Plan, type PlanOptions, plan, type RulesInput } from '../../index.js';
import { type NodeBackend, startBackend } from '../backend.js';
import { modelPath } from '../file-system.js';
import { loadModel } from '../load-model.js';
import { type Labels, readLabels } from '../read/labels.js';
import type { InputPort } from '../read/model-input.js';
import { type Preprocessing, readPreprocessing } from '../read/preprocessing.js';
import type { WorkerSetup } from '../workers/job.js';
import type { ExitCode } from './exit-codes.js';
import { withoutIdleWarnings } from './idle-warnings.js';
import type { Io } from './io.js';

/** Options of every command. */
export interface CommonOptions {
  readonly backend: NodeBackend;
  readonly setup?: string;
  readonly rules?: string;
  readonly bias?: 'absorb' | 'ignore' | 'distribute';
  readonly inputRange?: readonly [number, number];
  readonly quiet?: boolean;
}

/** A model, and all that is known of how to use it. */
export interface Subject {
  /** Path of its `model.json`. */
  readonly path: string;
  readonly model: LayersModel;
  readonly setup: Pick<WorkerSetup, 'rules' | 'planOptions'>;
  readonly inputs: readonly InputPort[];
}

/** Starts the backend, loads a model, works with it, and ends it whatever happens. */
export async function withSubject(
  path: string,
  options: CommonOptions,
  io: Io,
  work: (subject: Subject) => Promise<ExitCode>,
): Promise<ExitCode> {
  const file = await modelPath(path);
  io.status(`loading ${file}`);
  await startBackend(options.backend);
  const setup = options.setup === undefined ? {} : await loadSetup(options.setup);
  const model = await withoutIdleWarnings(() => loadModel(path));
  io.status('');
  try {
    return await work({ path: file, model, setup, inputs: model.inputs.map((_, index) => portOf(model, index)) });
  } finally {
    model.dispose();
  }
}

/** A plan as the options say; the caller's to dispose. */
export function planOf({ model, setup }: Subject, options: CommonOptions, rules: RulesInput | undefined): Plan {
  const { bias, inputRange } = options;
  const planOptions: PlanOptions = {
    ...setup.planOptions,
    ...(bias ? { bias } : {}),
    ...(inputRange ? { inputRange } : {}),
  };
  return plan(model, rules ?? setup.rules, planOptions);
}

/** What lies beside the model or is named by an option, options first. */
export async function preprocessingOf(
  { path }: Subject,
  file: string | undefined,
  flags: Preprocessing,
): Promise<Preprocessing> {
  const beside = join(dirname(path), 'preprocessing.json');
  const found = file ?? ((await exists(beside)) ? beside : undefined);
  return { ...(found === undefined ? {} : await readPreprocessing(found)), ...flags };
}

/** Names of units, from where the preprocessing says, or from `labels.json` beside the model. */
export async function labelsOf({ path }: Subject, { labels }: Preprocessing): Promise<Labels> {
  const beside = join(dirname(path), 'labels.json');
  if (labels !== undefined) return readLabels(labels);
  return (await exists(beside)) ? readLabels(beside) : new Map();
}

async function loadSetup(path: string): Promise<Subject['setup']> {
  return import(pathToFileURL(resolve(path)).href).catch((cause: unknown) => {
    throw new InputError(
      `The setup module ${path} cannot be loaded: ${cause instanceof Error ? cause.message : cause}`,
    );
  });
}

function portOf(model: LayersModel, index: number): InputPort {
  const input = model.inputs[index];
  if (!input) throw new InputError(`The model has no input ${index}.`);
  return {
    name: model.inputNames[index] ?? input.name,
    shape: input.shape,
    dtype: input.dtype,
    categories: categoriesOf(model, index),
  };
}

/** Rows of the embedding that reads an input; the smallest, where there are several. */
function categoriesOf(model: LayersModel, index: number): number | null {
  const input = model.inputs[index];
  const sizes = model.layers.flatMap((layer) => {
    const reads = layer.inboundNodes.some((node) => node.inputTensors.some((tensor) => tensor === input));
    const size = layer.getClassName() === 'Embedding' && reads ? layer.getConfig().inputDim : null;
    return typeof size === 'number' ? [size] : [];
  });
  return sizes.length > 0 ? Math.min(...sizes) : null;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
