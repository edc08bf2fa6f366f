import * as tf from '@tensorflow/tfjs-core';

/** What tfjs itself counts while it runs some work. */
export interface Counted {
  /** Largest sum of the bytes of all tensors alive, taken after every kernel. */
  readonly peakBytes: number;
  /** Multiply-adds of convolutions and matrix products. */
  readonly multiplyAdds: number;
}

/** Runs work under tfjs' profiler. What the work answers is disposed. */
export async function count(work: () => tf.Tensor | { dispose(): void }): Promise<Counted> {
  const profile = await tf.profile(() => {
    work().dispose();
    return tf.scalar(0);
  });
  tf.dispose(profile.result);
  const multiplyAdds = profile.kernels.reduce((total, kernel) => total + multiplyAddsOf(kernel), 0);
  return { peakBytes: profile.peakBytes, multiplyAdds };
}

interface Kernel {
  readonly name: string;
  readonly inputShapes: readonly (readonly number[])[];
  readonly outputShapes: readonly (readonly number[])[];
}

/** Outputs times what each of them sums up, which the second operand (filter or matrix) tells. */
function multiplyAddsOf({ name, inputShapes: [first = [], second = []], outputShapes: [output = []] }: Kernel): number {
  switch (name) {
    case 'Conv2D':
    case 'FusedConv2D':
      return sizeOf(output) * sizeOf(second.slice(0, 3));
    case 'DepthwiseConv2dNative':
    case 'FusedDepthwiseConv2D':
      return sizeOf(output) * sizeOf(second.slice(0, 2));
    case 'BatchMatMul':
    case '_FusedMatMul':
      // [m, k] x [k, n] -> [m, n], either operand maybe transposed: the product of the three sizes is (m k n)².
      return Math.sqrt((sizeOf(first) * sizeOf(second) * sizeOf(output)) / sizeOf(output.slice(0, -2)));
    default:
      return 0;
  }
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
