import { inject } from 'vitest';
import { every, type KernelChoices, kernelChoices, type Way } from '../../src/kernels/choices.js';

/** What is tested: the backend's own choice and both ways, where the backend has the kernel. */
export function waysOf(operation: keyof KernelChoices): [name: string, choices: () => KernelChoices][] {
  const missing = operation === 'stridedDepthwiseAdjoint' && inject('backend') === 'wasm';
  const ways: Way[] = missing ? ['composed'] : ['composed', 'native'];
  return [['as chosen', kernelChoices], ...ways.map((way): [string, () => KernelChoices] => [way, () => every(way)])];
}
