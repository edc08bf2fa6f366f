import { getBackend } from '@tensorflow/tfjs-core';

/** Operations with a composed form and a kernel of tfjs' own, both right wherever the table allows them. */
export interface KernelChoices {
  /** Adjoint of a convolution of stride 1: the flipped kernel, or tfjs' Conv2DBackpropInput. */
  readonly convAdjoint: Way;
  /** Adjoint of a convolution with strides: one convolution per phase, or tfjs' Conv2DBackpropInput. */
  readonly stridedConvAdjoint: Way;
  /** Adjoint of a depthwise convolution with strides: zeros put in between, or tfjs' DepthwiseConv2dNativeBackpropInput. */
  readonly stridedDepthwiseAdjoint: Way;
  /** Adjoint of a dense layer: `(W sᵀ)ᵀ`, or `s Wᵀ` with tfjs' own transposing product. */
  readonly denseAdjoint: Way;
  /** Product of two matrices that are both worked out, of an odd inner length: with a zero more, or tfjs' as it is. */
  readonly oddProduct: Way;
  /** Average pooling and padded convolution of 3, 7, 11 … channels: padded by operations of their own, or as they are. */
  readonly shortOfFour: Way;
}

/** Composed of other operations, or one kernel of tfjs. */
export type Way = 'composed' | 'native';

/**
 * What is taken on each backend. wasm and cpu are measured, by `npm run bench -- --kernels`; the figures stand in
 * `bench/README.md`. The GPUs are not, for want of one: there the choice is reasoned. A convolution of stride 1 with the
 * flipped kernel runs the shaders that the way forward runs, which are the most worked on. With strides the composed forms
 * start up to a dozen shaders for each one of tfjs', and starting is what small maps cost. Transposing is free in a
 * shader. The last two are a matter of right and wrong: odd products are wrong on webgl (`matmul.ts`), channels one
 * short of a multiple of four can hang wasm (`short-of-four.ts`), and neither is anywhere else.
 *
 * Not here, whatever their speed, are kernels that are wrong somewhere: tfjs' adjoint of max pooling gives ties to the
 * last maximum (and wasm's loses negative maxima), that of Conv3D is wrong on wasm. wasm lacks the one of depthwise
 * convolutions.
 */
const CHOICES: Readonly<Record<string, KernelChoices>> = {
  wasm: { ...every('composed'), oddProduct: 'native' },
  cpu: every('native'),
  webgl: { ...every('native'), convAdjoint: 'composed', oddProduct: 'composed' },
  webgpu: { ...every('native'), convAdjoint: 'composed' },
};

/** The choices for the backend in use. Composed forms are right on any, so one that is not known gets those. */
export function kernelChoices(): KernelChoices {
  return CHOICES[getBackend()] ?? every('composed');
}

/**
 * Most tensors that one kernel adds up, where there are many small ones: on wasm 32 at a time instead of six take a quarter off
 * the ledger of `LSTM` (`npm run bench -- --only LSTM`).
 */
const MOST_ADDED: Readonly<Record<string, number>> = { wasm: 32, cpu: 32 };

/** The same for the backend in use. A shader may be bound to eight buffers on webgpu, and beyond that gives zeros without a word. */
export function mostAdded(): number {
  return MOST_ADDED[getBackend()] ?? 6;
}

/** The same for all. */
export function every(way: Way): KernelChoices {
  return {
    convAdjoint: way,
    stridedConvAdjoint: way,
    stridedDepthwiseAdjoint: way,
    denseAdjoint: way,
    oddProduct: way,
    shortOfFour: way,
  };
}
