import * as tf from '@tensorflow/tfjs-core';
import { DisposedError } from '../errors.js';
import { sizeOf } from './shape.js';
import type { Weight } from './weight.js';

/** One thing kept: what it was made from (`versions`), and the tensors that are ours to dispose. */
interface Entry {
  readonly versions: readonly object[];
  readonly tensors: readonly tf.Tensor[];
  readonly owned: readonly tf.Tensor[];
}

/**
 * Tensors derived from weights (positive parts, flipped kernels, folded batch norms): made at first use, kept until the
 * plan is disposed, made anew when the user's weights have changed. Making them once matters beyond the arithmetic:
 * backends cache packed operators per filter tensor.
 */
export class DerivedTensors {
  private readonly entries = new Map<object, Map<string, Entry>>();
  private disposed = false;
  /** How often something was made; a test counts on a second run making nothing. */
  made = 0;

  /** The weight's present value: the user's own tensor, or one kept here. */
  read(weight: Weight): tf.Tensor {
    const [tensor] = this.get(weight, 'value', (value) => [value]);
    if (!tensor) throw new DisposedError(`The weight "${weight.name}" has no value.`);
    return tensor;
  }

  /**
   * What `make` yields for the weight's present value. `recipe` names it: equal weight and equal recipe share one
   * result. `make` may hand back the value itself, which then stays its owner's.
   */
  get(weight: Weight, recipe: string, make: (value: tf.Tensor) => tf.Tensor[]): readonly tf.Tensor[] {
    for (const source of weight.sources) {
      if (source.isDisposed) {
        throw new DisposedError(
          `The weight "${weight.name}" has been disposed. The model must live as long as its plan: plan it again.`,
        );
      }
    }
    const isValue = recipe === 'value';
    const base = weight.derived && !isValue ? () => this.read(weight) : weight.value;
    return this.keep(weight, recipe, weight.sources, () => make(base()));
  }

  /** A tensor that depends on no weight, such as the number of connections of a window. */
  constant(owner: object, recipe: string, make: () => tf.Tensor): tf.Tensor {
    const [tensor] = this.keep(owner, recipe, [], () => [make()]);
    if (!tensor) throw new DisposedError('A constant has no value.');
    return tensor;
  }

  /** Bytes held. */
  get bytes(): number {
    return this.shapes.reduce((sum, shape) => sum + 4 * sizeOf(shape), 0);
  }

  /** Shapes of the tensors held. */
  get shapes(): number[][] {
    const recipes = [...this.entries.values()].flatMap((entries) => [...entries.values()]);
    return recipes.flatMap(({ owned }) => owned.map(({ shape }) => shape));
  }

  /** Ends every tensor kept here; the user's variables are not touched. May be called twice. */
  dispose(): void {
    for (const recipes of this.entries.values()) for (const entry of recipes.values()) disposeAll(entry.owned);
    this.entries.clear();
    this.disposed = true;
  }

  private keep(owner: object, recipe: string, sources: readonly tf.Tensor[], make: () => tf.Tensor[]) {
    if (this.disposed) throw new DisposedError('This plan has been disposed. Make a new one with plan(model, rules).');
    const recipes = this.entries.get(owner) ?? new Map<string, Entry>();
    const known = recipes.get(recipe);
    if (known && isMadeFrom(known, sources)) return known.tensors;
    this.entries.set(owner, recipes);
    if (known) disposeAll(known.owned);
    const tensors = tf.tidy(make);
    const owned = tensors.filter((tensor) => !sources.includes(tensor) && !this.isOwned(owner, tensor));
    for (const tensor of owned) tf.keep(tensor);
    this.made += 1;
    recipes.set(recipe, { versions: sources.map((source) => source.dataId), tensors, owned });
    return tensors;
  }

  private isOwned(owner: object, tensor: tf.Tensor): boolean {
    for (const entry of this.entries.get(owner)?.values() ?? []) if (entry.owned.includes(tensor)) return true;
    return false;
  }
}

function isMadeFrom({ versions }: Entry, sources: readonly tf.Tensor[]): boolean {
  return versions.length === sources.length && sources.every(({ dataId }, index) => dataId === versions[index]);
}

function disposeAll(tensors: readonly tf.Tensor[]): void {
  for (const tensor of tensors) tensor.dispose();
}
