import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import { InputError, LrpError } from '../index.js';
import { fileSystem } from './file-system.js';

/**
 * Loads a layers model from a folder or a `model.json`.
 *
 * @throws InputError when it is not there, is damaged, or has layers that nobody registered.
 */
export async function loadModel(path: string): Promise<LayersModel> {
  return loadLayersModel(fileSystem(path)).catch((error: unknown) => {
    if (error instanceof LrpError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    const layer = /^Unknown layer: (.+?)\. /.exec(message)?.[1];
    if (layer === undefined) throw new InputError(`The model at ${path} cannot be loaded: ${message}`);
    throw new InputError(
      `The model at ${path} has layers of class ${layer}, which TensorFlow.js does not know. Register it before loading, ` +
        `tf.serialization.registerClass(${layer}); for workers and the command line in a module named by setup.`,
    );
  });
}
