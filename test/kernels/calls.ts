import * as tf from '@tensorflow/tfjs-core';

/** One call of a kernel. */
export interface Call {
  readonly name: string;
  readonly inputs: Readonly<Record<string, tf.Tensor | null>>;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** The kernels that some work runs, with what they are given. */
export function callsOf(work: () => void): Call[] {
  const engine = tf.engine();
  const run = engine.runKernel;
  const calls: Call[] = [];
  engine.runKernel = (name, inputs, attributes) => {
    calls.push({ name, inputs: inputs as Call['inputs'], attributes: attributes ?? {} });
    return run.call(engine, name, inputs, attributes) as never; // the type of the result is the caller's
  };
  try {
    work();
  } finally {
    engine.runKernel = run;
  }
  return calls;
}
