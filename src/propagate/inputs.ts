import * as tf from '@tensorflow/tfjs-core';
import { InputError } from '../errors.js';
import type { Port } from '../graph/trace.js';
import { listNames } from '../names.js';
import { asFloat } from '../tensors/as-float.js';
import { fitsShape, formatShape } from '../tensors/shape.js';

/** A tensor, several in the order of the model's inputs, or a record by input name; with or without the batch axis. */
export type Input = tf.Tensor | readonly tf.Tensor[] | Readonly<Record<string, tf.Tensor>>;

/** One input in the order of the model, batch axis included. */
export interface ReadyInput {
  readonly tensor: tf.Tensor;
  /** True when `tensor` was made here (a batch axis or a cast) and not by the caller. */
  readonly made: boolean;
  /** True when the caller gave a single sample without batch axis. */
  readonly single: boolean;
}

/**
 * Brings the caller's input into the model's order and shape. Nothing is guessed: the rank tells whether the batch axis
 * is there, and everything else is an error.
 *
 * @throws InputError with the expected and received shapes.
 */
export function readyInputs(input: Input, ports: readonly Port[]): ReadyInput[] {
  const given = inOrder(input, ports);
  const made: tf.Tensor[] = [];
  try {
    const ready = ports.map((port, index) => {
      const one = readyInput(given[index], port);
      if (one.made) made.push(one.tensor);
      return one;
    });
    checkBatches(ready, ports);
    return ready;
  } catch (error) {
    for (const tensor of made) tensor.dispose();
    throw error;
  }
}

function inOrder(input: Input, ports: readonly Port[]): readonly unknown[] {
  if (input instanceof tf.Tensor) return checkCount([input], ports);
  if (Array.isArray(input)) return checkCount(input, ports);
  if (typeof input !== 'object' || input === null || ArrayBuffer.isView(input)) {
    throw new InputError(`The input is no tensor: received ${describe(input)}. Expected ${expectation(ports)}.`);
  }
  const names = Object.keys(input);
  const unknown = names.filter((name) => !ports.some((port) => port.name === name));
  const missing = ports.filter((port) => !names.includes(port.name)).map((port) => port.name);
  if (unknown.length > 0 || missing.length > 0) {
    throw new InputError(
      `The inputs do not fit by name: ${[...named('missing', missing), ...named('unknown', unknown)].join(', ')}. Expected ${expectation(ports)}.`,
    );
  }
  return ports.map((port) => (input as Readonly<Record<string, unknown>>)[port.name]);
}

function checkCount(given: readonly unknown[], ports: readonly Port[]): readonly unknown[] {
  if (given.length === ports.length) return given;
  throw new InputError(`Received ${given.length} input tensors. Expected ${expectation(ports)}.`);
}

function readyInput(tensor: unknown, port: Port): ReadyInput {
  const expected = `Expected ${formatShape(port.shape)}, or ${formatShape(port.shape.slice(1))} for a single sample`;
  if (!(tensor instanceof tf.Tensor)) {
    throw new InputError(`Input "${port.name}" is no tensor: received ${describe(tensor)}. ${expected}.`);
  }
  if (tensor.isDisposed)
    throw new InputError(`Input "${port.name}" has been disposed. Pass a tensor that is still alive.`);
  if (tensor.dtype === 'string' || tensor.dtype === 'complex64') {
    throw new InputError(`Input "${port.name}" has dtype ${tensor.dtype}; expected ${port.dtype}.`);
  }
  const single = fitsShape(tensor.shape, port.shape.slice(1));
  if (!single && !fitsShape(tensor.shape, port.shape)) {
    throw new InputError(`Input "${port.name}" has shape ${formatShape(tensor.shape)}. ${expected}.`);
  }
  if (tensor.size === 0) throw new InputError(`Input "${port.name}" is empty, shape ${formatShape(tensor.shape)}.`);
  const wanted = port.dtype === 'int32' ? tensor.dtype : 'float32';
  if (!single && tensor.dtype === wanted) return { tensor, made: false, single };
  const ready = tf.tidy(() => {
    const typed = tensor.dtype === wanted ? tensor : wanted === 'float32' ? asFloat(tensor) : tf.cast(tensor, wanted);
    return single ? tf.expandDims(typed, 0) : typed;
  });
  return { tensor: ready, made: true, single };
}

function checkBatches(inputs: readonly ReadyInput[], ports: readonly Port[]): void {
  const batches = inputs.map((input) => input.tensor.shape[0]);
  if (new Set(batches).size <= 1) return;
  const list = ports.map((port, index) => `"${port.name}" ${batches[index]}`).join(', ');
  throw new InputError(`The inputs differ in batch size: ${list}. Give each the same number of samples.`);
}

function named(what: string, names: readonly string[]): string[] {
  return names.length === 0 ? [] : [`${what} ${listNames(names)}`];
}

function expectation(ports: readonly Port[]): string {
  return ports.map((port) => `"${port.name}" ${formatShape(port.shape)}`).join(', ');
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return `an array of ${value.length}; make it a tensor with tf.tensor(...)`;
  if (ArrayBuffer.isView(value)) return `a ${value.constructor.name}; make it a tensor with tf.tensor(...)`;
  return typeof value === 'object' ? (value.constructor?.name ?? 'an object') : typeof value;
}
