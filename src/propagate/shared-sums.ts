import * as tf from '@tensorflow/tfjs-core';
import type { Denominator } from './denominators.js';

/**
 * What the shares of one step are divided by does not depend on the target: where several are explained, the first
 * computes it and the others find it here.
 */
export class SharedSums {
  private node: number | null = null;
  private found: readonly Denominator[] = [];
  private owned: readonly tf.Tensor[] = [];

  /** The denominators of a step, made at the first call; `captured` stays whose it is. */
  of(node: number, captured: tf.Tensor | null, make: () => Denominator[]): readonly Denominator[] {
    if (this.node === node) return this.found;
    this.dispose();
    const made = make();
    this.owned = made.map(({ z }) => z).filter((z) => z !== captured);
    for (const tensor of this.owned) tf.keep(tensor);
    this.node = node;
    this.found = made;
    return made;
  }

  /** Ends what is held. */
  dispose(): void {
    for (const tensor of this.owned) tensor.dispose();
    this.node = null;
    this.found = [];
    this.owned = [];
  }
}
