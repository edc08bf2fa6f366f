// Starts the tfjs backend that the vitest project asks for, in Node or in the browser.
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { inject } from 'vitest';

declare module 'vitest' {
  export interface ProvidedContext {
    backend: 'cpu' | 'wasm' | 'webgl' | 'webgpu';
  }
}

const inNode = typeof window === 'undefined';
const name = inject('backend');
tf.enableProdMode();
if (!inNode) {
  // Shaders are compiled for every new shape, in software where there is no GPU: generated cases stop after a while. They
  // stop between two cases: one that is cut short goes on beside the next test. (Shapes as uniforms, WEBGL_USE_SHAPES_UNIFORMS,
  // would compile less, but tfjs 4.22 then reshapes wrongly: of [2, 17920] to [2, 17920, 1] most elements are others.)
  fc.installGlobalPlugin(() => {
    const end = performance.now() + 40_000;
    return { decorateRun: (run) => (made) => (performance.now() < end ? run(made) : new fc.PreconditionFailure(true)) };
  });
}
// The cpu backend serves as the reference of a few tests on every backend.
await import('@tensorflow/tfjs-backend-cpu');
if (name === 'webgl') await import('@tensorflow/tfjs-backend-webgl');
if (name === 'webgpu') await import('@tensorflow/tfjs-backend-webgpu');
if (name === 'wasm') {
  const wasm = await import('@tensorflow/tfjs-backend-wasm');
  if (!inNode) {
    const [plain, simd, threaded] = await Promise.all([
      import('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url'),
      import('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url'),
      import('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url'),
    ]);
    wasm.setWasmPaths({
      'tfjs-backend-wasm.wasm': plain.default,
      'tfjs-backend-wasm-simd.wasm': simd.default,
      'tfjs-backend-wasm-threaded-simd.wasm': threaded.default,
    });
  }
}
if (!(await tf.setBackend(name))) throw new Error(`backend ${name} did not start`);
await tf.ready();
