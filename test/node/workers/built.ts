// Workers run files, and Node runs no TypeScript: the door of Node, its worker and the setup modules of these tests, built.
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'vite';
import { expect, inject } from 'vitest';

const root = join(import.meta.dirname, '../../..');
// Test files run side by side, each beside its own build.
const folder = join(
  root,
  'build/test-workers',
  inject('backend'),
  basename(expect.getState().testPath ?? 'test', '.ts'),
);

/** Builds, and answers the door. Its classes are not those of the sources. */
export async function builtDoor(): Promise<typeof import('../../../src/node/index.js')> {
  const entry = {
    index: join(root, 'src/index.ts'),
    node: join(root, 'src/node/index.ts'),
    worker: join(root, 'src/node/worker.ts'),
    crash: fileURLToPath(new URL('./crash.ts', import.meta.url)),
    setup: fileURLToPath(new URL('./setup.ts', import.meta.url)),
    unsendable: fileURLToPath(new URL('./unsendable.ts', import.meta.url)),
  };
  await build({
    configFile: false,
    logLevel: 'error',
    root,
    build: {
      outDir: folder,
      minify: false,
      lib: { entry, formats: ['es', 'cjs'] },
      rollupOptions: { external: /^(node:|@?[a-z])/ },
    },
  });
  return import(/* @vite-ignore */ builtModule('node').href);
}

/** Where a built module lies. */
export function builtModule(name: 'index' | 'node' | 'crash' | 'setup' | 'unsendable' | 'none'): URL {
  return pathToFileURL(join(folder, `${name}.js`));
}
