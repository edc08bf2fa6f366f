import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { InputError } from '../index.js';

/** Backends that run in Node with nothing but npm. */
export type NodeBackend = 'wasm' | 'cpu';

/**
 * Starts a TensorFlow.js backend in this process (or worker) and makes it the one in use.
 *
 * @throws InputError when its package is not installed, or it does not start.
 */
export async function startBackend(name: NodeBackend): Promise<void> {
  const known = `@tensorflow/tfjs-backend-${name}`;
  if (name !== 'wasm' && name !== 'cpu') {
    throw new InputError(`There is no backend "${String(name)}" for Node. Expected wasm or cpu.`);
  }
  // tfjs says otherwise in a banner that another package would be faster in Node.
  tf.enableProdMode();
  await load(known).catch((cause: Error) => {
    throw new InputError(`The ${name} backend is not installed (${firstLine(cause)}). Run: npm install ${known}`);
  });
  const started = await tf.setBackend(name);
  if (!started) throw new InputError(`The ${name} backend of TensorFlow.js did not start. Try another one.`);
}

/** Beside the library, or else in the project that it is used from, as where the library is installed globally. */
async function load(name: string): Promise<unknown> {
  return import(name).catch((error: Error) => {
    const project = createRequire(join(process.cwd(), 'package.json'));
    const path = resolved(project, name);
    if (path === null) throw error;
    return import(pathToFileURL(path).href);
  });
}

function resolved(project: NodeJS.Require, name: string): string | null {
  try {
    return project.resolve(name);
  } catch {
    return null;
  }
}

function firstLine(error: Error): string {
  return error.message.split('\n')[0] ?? '';
}
