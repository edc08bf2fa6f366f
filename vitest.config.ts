import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';

type Backend = 'cpu' | 'wasm' | 'webgl' | 'webgpu';

// Methods of the golden files that are not LRP. They fail unless allowed; who sets GOLDEN_ALLOW decides alone, and so does
// who brings a folder of their own.
const NOT_LRP =
  'gradient,input_times_gradient,guided_backprop,deconvnet,beta_smooth,integrated_gradients,occlusion,occlusion_keep';

const common = (name: string, backend: Backend) => ({
  name,
  include: ['test/**/*.test.ts'],
  setupFiles: ['test/setup.ts'],
  provide: { backend },
  testTimeout: 120_000,
  env: { GOLDEN_ALLOW: process.env.GOLDEN_ALLOW ?? (process.env.GOLDEN_DIR ? '' : NOT_LRP) },
});

// Bundled before the tests begin: a dependency that vite meets later makes it reload the page under them.
const tfjs = '@tensorflow/tfjs-';
const nlp = `${tfjs}layers/dist/layers/nlp`;
const bundled = [
  ...['core', 'layers', 'backend-cpu', 'backend-wasm', 'backend-webgl', 'backend-webgpu'].map((name) => tfjs + name),
  'fast-check',
  'fast-png',
  'd3-scale-chromatic',
  '@observablehq/plot',
  `${tfjs}core/dist/public/chained_ops/register_all_chained_ops`,
  `${tfjs}layers/dist/exports`,
  `${tfjs}layers/dist/exports_layers`,
  `${nlp}/einsum_dense`,
  `${nlp}/multihead_attention`,
  `${nlp}/modeling/cached_multihead_attention`,
  `${nlp}/modeling/position_embedding`,
  `${nlp}/modeling/transformer_decoder`,
  `${nlp}/models/gpt2/gpt2_backbone`,
];

const browser = (backend: Backend) => ({
  optimizeDeps: { include: bundled },
  test: {
    ...common(`chromium-${backend}`, backend),
    exclude: ['test/**/*.node.test.ts'],
    testTimeout: 600_000,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      instances: [{ browser: 'chromium' as const }],
      provider: playwright({
        launchOptions: {
          ...(process.env.CHROMIUM ? { executablePath: process.env.CHROMIUM } : {}),
          args: [
            '--no-sandbox',
            '--disable-background-networking',
            '--disable-component-update',
            '--enable-unsafe-swiftshader',
            '--enable-unsafe-webgpu',
            '--use-webgpu-adapter=swiftshader',
          ],
        },
      }),
    },
  },
});

export default defineConfig({
  test: {
    projects: [
      { test: common('cpu', 'cpu') },
      { test: common('wasm', 'wasm') },
      browser('webgl'),
      browser('webgpu'),
      {
        test: {
          name: 'types',
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            // Not the older one that the notebook kernel brings.
            checker: './node_modules/typescript/bin/tsc',
            include: ['test/**/*.test-d.ts'],
            tsconfig: './tsconfig.json',
          },
        },
      },
    ],
    coverage: { provider: 'v8', include: ['src/**'] },
  },
});
