import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Explanation } from '../../index.js';
import type { Labels } from '../read/labels.js';
import type { ReadyInput } from '../read/model-input.js';

/** What the model itself answers: the strongest units of each output, or its shape and range where it is no list. */
export async function describePrediction(
  model: LayersModel,
  ready: readonly ReadyInput[],
  labels: Labels,
  only: string | undefined,
): Promise<string> {
  const outputs = tf.tidy(() => {
    const batched = ready.map(({ tensor }) => tf.expandDims(tensor, 0));
    const answer = model.predict(batched.length === 1 && batched[0] ? batched[0] : batched);
    return Array.isArray(answer) ? answer : [answer];
  });
  try {
    const lines = await Promise.all(
      outputs.map(async (output, index) => {
        const name = model.outputNames[index] ?? String(index);
        if (only !== undefined && only !== name && only !== String(index)) return [];
        // Labels are those of the classes, which come last where there are several outputs.
        const named = only !== undefined || index === outputs.length - 1;
        return [`Output "${name}"`, await describeOutput(output, named ? labels : new Map())];
      }),
    );
    return lines.flat().join('\n');
  } finally {
    tf.dispose(outputs);
  }
}

const SHOWN = 5;

async function describeOutput(output: tf.Tensor, labels: Labels): Promise<string> {
  const values = Array.from(await output.data());
  if (output.shape.slice(1).filter((length) => length > 1).length > 1) {
    const [low, high] = [Math.min, Math.max].map((pick) => values.reduce((a, b) => pick(a, b)).toPrecision(4));
    return `  [${output.shape.slice(1).join(', ')}], from ${low} to ${high}`;
  }
  return values
    .map((value, unit) => ({ value, unit }))
    .sort((a, b) => b.value - a.value)
    .slice(0, SHOWN)
    .map(({ value, unit }) => `  ${value.toFixed(4)}  ${nameOf(unit, values.length, labels)}`)
    .join('\n');
}

/** What is explained: `logit 8.21 of unit 3 (bus), output "dense", rules epsilon`. */
export async function describeExplained({ target, plan }: Explanation, labels: Labels): Promise<string> {
  const [score = Number.NaN] = await target.scores.data();
  const weights = await target.weights.data();
  const what = describeUnits(weights, labels);
  return `${target.quantity} ${score.toPrecision(5)} of ${what}, ${target.place}, rules ${plan.rules}`;
}

function describeUnits(weights: ArrayLike<number>, labels: Labels): string {
  const weighted = Array.from(weights, (weight, unit) => ({ weight, unit })).filter(({ weight }) => weight !== 0);
  const name = (unit: number) => nameOf(unit, weights.length, labels);
  const [first, second, ...others] = [...weighted].sort((a, b) => b.weight - a.weight);
  if (first?.weight === 1 && !second) return name(first.unit);
  if (first?.weight === 1 && second?.weight === -1 && others.length === 0) {
    return `${name(first.unit)} against ${name(second.unit)}`;
  }
  return `${weighted.length} units, weighted`;
}

/** A lone unit between two labels speaks for the second one where it is large. */
function nameOf(unit: number, units: number, labels: Labels): string {
  const [against, label] = units === 1 && labels.size === 2 ? [labels.get(0), labels.get(1)] : [null, labels.get(unit)];
  if (label === undefined) return `unit ${unit}`;
  return against ? `unit ${unit} (${label}, against ${against})` : `unit ${unit} (${label})`;
}
