import { pathToFileURL } from 'node:url';

/** This file, or the one it was bundled into: `import.meta` is empty in CommonJS, where `__filename` is not. */
const here = typeof __filename === 'string' ? pathToFileURL(__filename).href : import.meta.url;

/**
 * The worker's file, which lies beside this one in the package as in the sources. In the package always the CommonJS one:
 * the pool asks for it by `require`, and Node 20 ends the whole process when a worker is stopped while it so loads a module.
 */
export const workerFile = new URL(here.endsWith('.ts') ? './worker.ts' : './worker.cjs', here).href;
