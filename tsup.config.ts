import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    render: 'src/render/index.ts',
    node: 'src/node/index.ts',
    worker: 'src/node/worker.ts',
    cli: 'src/node/cli.ts',
  },
  format: ['esm', 'cjs'],
  target: 'es2022',
  tsconfig: 'tsconfig.build.json',
  // tsup sets a compiler option that TypeScript 6 calls deprecated.
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
  sourcemap: true,
  // They are modules only, which `require` of an older Node cannot load.
  noExternal: [/^d3-(scale-chromatic|interpolate|color)$/, 'fast-png', 'iobuffer', 'fflate'],
  esbuildOptions(options) {
    // Its build for Node asks for the module "module", which a page does not have; this one runs in both.
    options.alias = { fflate: 'fflate/browser' };
  },
  clean: true,
  splitting: true,
  treeshake: true,
});
