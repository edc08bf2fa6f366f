// What every step promises, checked on the values it ran with.
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import type { LinearMap } from '../../src/steps/linear-map.js';
import type { BilinearStep, ElementwiseStep, LinearStep, RelabelStep, SelectStep, Step } from '../../src/steps/step.js';
import type { DerivedTensors } from '../../src/tensors/derived.js';
import { at, randomTensor } from '../layers/reproduce.js';

/** Two numbers that should be equal, compared with the size of the terms they were added up from. */
interface Claim {
  readonly what: string;
  readonly actual: tf.Tensor;
  readonly expected: tf.Tensor;
  readonly scale: tf.Tensor;
}

/** Collects claims while steps run (inside a tidy), and reads them afterwards. */
export class StepChecks {
  private readonly claims: Claim[] = [];

  /** Everything `step` says about itself, at the inputs `xs` and the output `y`. */
  check(step: Step, xs: readonly tf.Tensor[], y: tf.Tensor, derived: DerivedTensors): void {
    switch (step.kind) {
      case 'linear':
        this.linear(step, xs, y, derived);
        break;
      case 'relabel':
        this.relabel(step, xs, y);
        break;
      case 'select':
        this.select(step, xs, y);
        break;
      case 'bilinear':
        this.bilinear(step, xs, y);
        break;
      case 'elementwise':
        this.elementwise(step, at(xs, 0), y, derived);
        break;
    }
  }

  async read(): Promise<void> {
    for (const { what, actual, expected, scale } of this.claims) {
      const [a, b, c] = [at([...(await actual.data())], 0), at([...(await expected.data())], 0), await scale.data()];
      const size = Math.max(at([...c], 0), 1e-3);
      expect(Math.abs(a - b) / size, `${what}: ${a} against ${b}`).toBeLessThanOrEqual(1e-5);
      tf.dispose([actual, expected, scale]);
    }
    this.claims.length = 0;
  }

  private linear(step: LinearStep, xs: readonly tf.Tensor[], y: tf.Tensor, derived: DerivedTensors): void {
    const { map, kernel } = step;
    const weight = kernel ? derived.read(kernel) : tf.scalar(1);
    const forward = kernel ? map.prepareForward(weight) : [];
    const adjoint = kernel ? map.prepareAdjoint(weight) : [];
    this.map(step.name, map, xs, forward, adjoint, weight.shape);
    if (step.diagonal) this.equal(`${step.name} is diagonal`, tf.scalar(y.size), tf.scalar(at(xs, 0).size));
    if (step.shiftsExactly && step.channels && kernel) this.shift(step, xs, forward);
  }

  private map(
    what: string,
    map: LinearMap,
    xs: readonly tf.Tensor[],
    forward: readonly tf.Tensor[],
    adjoint: readonly tf.Tensor[],
    kernelShape: readonly number[],
  ): void {
    const shapes = xs.map((x) => x.shape);
    const z = map.forward(xs, forward, null);
    const s = randomTensor(z.shape, 11);
    const c = map.adjoint(s, adjoint, shapes);
    c.forEach((own, index) => {
      expect(own.shape).toEqual(shapes[index]);
    });
    this.products(`${what}: <z, s> = <x, adjoint s>`, [[z, s]], zip(xs, c));
    const spread = map.spread(s, shapes, kernelShape).map((own, index) => repeated(own, at(shapes, index)));
    const ones = spread.map((own): Pair => [own, tf.onesLike(own)]);
    const counts = repeated(map.connections(shapes, kernelShape), z.shape);
    this.products(`${what}: <connections, s> = sum of spread s`, [[counts, s]], ones);
    expect(map.multiplyAdds(shapes, kernelShape)).toBeGreaterThan(0);
  }

  /** A constant added to each input channel changes each output channel by a constant. */
  private shift(step: LinearStep, xs: readonly tf.Tensor[], prepared: readonly tf.Tensor[]): void {
    const x = at(xs, 0);
    const channel = randomTensor([x.shape[x.rank - 1] ?? 1], 5);
    const difference = step.map.forward([repeated(channel, x.shape)], prepared, null);
    const channels = difference.shape[difference.rank - 1] ?? 1;
    const rows = tf.reshape(difference, [difference.size / channels, channels]);
    const range = tf.sub(tf.max(rows, 0), tf.min(rows, 0));
    this.equal(`${step.name} shifts exactly`, tf.max(tf.abs(range)), tf.scalar(0), tf.max(tf.abs(difference)));
  }

  private relabel(step: RelabelStep, xs: readonly tf.Tensor[], y: tf.Tensor): void {
    const s = randomTensor(y.shape, 12);
    const back = step.back(
      s,
      xs.map((x) => x.shape),
    );
    back.forEach((own, index) => {
      expect(own.shape).toEqual(at(xs, index).shape);
    });
    this.products(`${step.name}: <y, s> = <x, back s>`, [[y, s]], zip(xs, back));
    this.conserves(step.name, s, back, step.lost?.(s));
    const total = xs.reduce((sum, x) => sum + x.size, 0);
    if (step.bijective) expect(y.size, `${step.name} is bijective`).toBe(total);
    if (step.permutation) expect(y.shape).toEqual(step.permutation.map((axis) => at(xs, 0).shape[axis]));
    if (step.sign || !xs.some((x) => x.dtype !== 'float32')) {
      const nonnegative = step.apply(xs.map((x) => tf.abs(x)));
      const claims = (step.sign?.(xs.map(() => 'nonnegative')) ?? 'nonnegative') === 'nonnegative';
      if (claims) this.equal(`${step.name} keeps sign`, tf.min(tf.minimum(nonnegative, 0)), tf.scalar(0));
    }
  }

  private select(step: SelectStep, xs: readonly tf.Tensor[], y: tf.Tensor): void {
    const rOut = randomTensor(y.shape, 13);
    const routed = step.route(rOut, xs, y).map((own, index) => own ?? tf.zerosLike(at(xs, index)));
    routed.forEach((own, index) => {
      expect(own.shape).toEqual(at(xs, index).shape);
    });
    this.conserves(step.name, rOut, routed, step.lost?.(rOut, xs));
    if (step.candidates) this.map(`candidates of ${step.name}`, step.candidates, xs, [], [], []);
    // What is selected is its source: <y, r> = <x, route r> wherever the sources are floats themselves.
    if (step.candidates) this.products(`${step.name}: <y, r> = <x, route r>`, [[y, rOut]], zip(xs, routed));
  }

  private bilinear(step: BilinearStep, xs: readonly tf.Tensor[], y: tf.Tensor): void {
    const s = randomTensor(y.shape, 14);
    xs.forEach((x, operand) => {
      const u = randomTensor(x.shape, 15 + operand);
      const changed = step.apply(xs.map((other, index) => (index === operand ? tf.mul(x, u) : other)));
      const earned = step.earn(operand, s, xs);
      expect(earned.shape).toEqual(x.shape);
      this.products(`${step.name}: operand ${operand} earns`, [[changed, s]], [[earned, u]]);
      if (step.elementwise) {
        expect(step.collect).toBeDefined();
        const collected = step.collect?.(operand, s, xs) ?? s;
        this.conserves(`${step.name}: collect ${operand}`, s, [collected], undefined);
      }
    });
  }

  private elementwise(step: ElementwiseStep, x: tf.Tensor, y: tf.Tensor, derived: DerivedTensors): void {
    const read = (weight: Parameters<DerivedTensors['read']>[0]) => derived.read(weight);
    expect(y.shape).toEqual(x.shape);
    const zero = step.apply(tf.zerosLike(x), read);
    if (step.keepsZero) this.equal(`${step.name} keeps zero`, tf.max(tf.abs(zero)), tf.scalar(0));
    const dead = tf.max(tf.abs(step.apply(tf.neg(tf.abs(x)), read)));
    if (step.deadBelowZero) this.equal(`${step.name} is dead below zero`, dead, tf.scalar(0));
    for (const input of ['any', 'nonnegative'] as const) {
      if (step.sign?.(input) !== 'nonnegative') continue;
      const values = step.apply(input === 'any' ? x : tf.abs(x), read);
      this.equal(`${step.name} is not negative`, tf.min(tf.minimum(values, 0)), tf.scalar(0));
    }
  }

  private conserves(what: string, rOut: tf.Tensor, parts: readonly tf.Tensor[], lost: tf.Tensor | undefined): void {
    const all = lost ? [...parts, lost] : parts;
    const ones = (tensors: readonly tf.Tensor[]) => tensors.map((t): Pair => [t, tf.onesLike(t)]);
    this.products(`${what}: nothing appears or disappears`, ones([rOut]), ones(all));
  }

  private products(what: string, left: readonly Pair[], right: readonly Pair[]): void {
    const flat = (x: tf.Tensor) => tf.reshape(tf.cast(x, 'float32'), [x.size]);
    const product = ([a, b]: Pair) => tf.mul(flat(a), flat(b));
    const sum = (pairs: readonly Pair[]) =>
      pairs.map((pair) => tf.sum(product(pair))).reduce((all, part) => tf.add(all, part));
    const size = left.map((pair) => tf.sum(tf.abs(product(pair)))).reduce((all, part) => tf.add(all, part));
    this.equal(what, sum(left), sum(right), size);
  }

  private equal(what: string, actual: tf.Tensor, expected: tf.Tensor, scale: tf.Tensor = tf.scalar(1)): void {
    this.claims.push({ what, actual: tf.keep(actual), expected: tf.keep(expected), scale: tf.keep(scale) });
  }
}

/** Broadcasts, without `tf.tile`: that of webgpu breaks down on five axes, as does a plain vector in a product. */
function repeated(x: tf.Tensor, shape: readonly number[]): tf.Tensor {
  const ones = new Array<number>(shape.length - x.rank).fill(1);
  return tf.mul(tf.reshape(x, [...ones, ...x.shape]), tf.ones([...shape]));
}

type Pair = readonly [tf.Tensor, tf.Tensor];

function zip(a: readonly tf.Tensor[], b: readonly tf.Tensor[]): Pair[] {
  return a.map((own, index): Pair => [own, at(b, index)]);
}
