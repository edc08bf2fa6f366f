import type { Tensor } from '@tensorflow/tfjs-core';

/**
 * Counts who still needs which tensor and disposes each when nobody does. Whatever is left when work ends, or breaks,
 * goes with {@link TensorPool.disposeAll}: nothing leaks.
 */
export class TensorPool {
  private readonly holds = new Map<Tensor, number>();
  private readonly foreign = new Set<Tensor>();
  private readonly ends = new Map<Tensor, (() => void)[]>();

  /** One more holder of `tensor`; the first one hands it over. Answers the tensor. */
  retain<T extends Tensor>(tensor: T): T {
    this.holds.set(tensor, (this.holds.get(tensor) ?? 0) + 1);
    return tensor;
  }

  /** As `retain`, for a tensor that somebody else owns: it is counted but never disposed. One of the pool's stays its. */
  borrow<T extends Tensor>(tensor: T): T {
    if (!this.holds.has(tensor)) this.foreign.add(tensor);
    return this.retain(tensor);
  }

  /** One holder less; the last one ends the tensor. */
  release(tensor: Tensor): void {
    const count = (this.holds.get(tensor) ?? 0) - 1;
    if (count > 0) {
      this.holds.set(tensor, count);
      return;
    }
    const acts = this.ends.get(tensor) ?? [];
    this.ends.delete(tensor);
    for (const act of acts) act();
    this.holds.delete(tensor);
    if (!this.foreign.has(tensor)) tensor.dispose();
  }

  /** What is done once nobody holds the tensor any more, while it is still there. Not if it is handed over, or all ends. */
  beforeEnd(tensor: Tensor, act: () => void): void {
    const acts = this.ends.get(tensor);
    if (acts) acts.push(act);
    else this.ends.set(tensor, [act]);
  }

  /** Takes tensors out of the pool: they are the caller's now. */
  handOver(tensors: Iterable<Tensor>): void {
    for (const tensor of tensors) this.holds.delete(tensor);
  }

  /** True for a tensor that somebody holds here, and that ends with its last holder. */
  isHeld(tensor: Tensor): boolean {
    return this.holds.has(tensor) && !this.foreign.has(tensor);
  }

  /** True for a tensor that somebody else owns. */
  isForeign(tensor: Tensor): boolean {
    return this.foreign.has(tensor);
  }

  /** Ends everything still held. */
  disposeAll(): void {
    for (const tensor of this.holds.keys()) if (!this.foreign.has(tensor)) tensor.dispose();
    this.holds.clear();
    this.ends.clear();
  }
}
