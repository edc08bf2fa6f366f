import { InputError } from '../../index.js';
import type { ReadyInput } from '../read/model-input.js';
import { type Draw, drawerFor, type PictureOptions } from './picture.js';

/** A picture that was asked for, and how it is drawn. */
export interface PlannedDrawing {
  readonly path: string;
  /** Of the input that is shown. */
  readonly index: number;
  readonly draw: Draw;
}

/**
 * What `--out` asks for. Of several inputs `NAME=FILE` says which is shown.
 *
 * @param names Of the model's inputs.
 * @throws InputError when it cannot be drawn, or it is not said which input is meant.
 */
export async function planDrawings(
  references: readonly string[],
  names: readonly string[],
  ready: readonly ReadyInput[],
  options: PictureOptions,
): Promise<PlannedDrawing[]> {
  const drawings: PlannedDrawing[] = [];
  for (const reference of references) {
    const named = names.findIndex((name) => reference.startsWith(`${name}=`));
    const one = ready[Math.max(0, named)];
    if (!one || (named < 0 && ready.length > 1)) {
      const expected = names.map((name) => `--out ${name}=FILE`).join(' ');
      throw new InputError(`The model has ${ready.length} inputs. Say which is shown: ${expected}.`);
    }
    const path = named >= 0 ? reference.slice(reference.indexOf('=') + 1) : reference;
    drawings.push({ path, index: Math.max(0, named), draw: await drawerFor(path, one, options) });
  }
  return drawings;
}
