import { InputError } from '../../index.js';
import type { NumberContent } from './content.js';

/** How the elements are stored: letter and bytes of NumPy's type names. */
type Reader = (view: DataView, at: number, little: boolean) => number;

const READERS: Readonly<Record<string, Reader>> = {
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
  i1: (view, at) => view.getInt8(at),
  i2: (view, at, little) => view.getInt16(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  i8: (view, at, little) => Number(view.getBigInt64(at, little)),
  u1: (view, at) => view.getUint8(at),
  u2: (view, at, little) => view.getUint16(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  u8: (view, at, little) => Number(view.getBigUint64(at, little)),
  b1: (view, at) => view.getUint8(at),
};

/**
 * Reads an array saved by `numpy.save`, of any number type and order; it becomes float32, row by row.
 *
 * @param name What the array is called in messages.
 * @throws InputError when it is damaged, or holds anything but finite real numbers.
 */
export function readNpy(bytes: Uint8Array, name: string): NumberContent {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { text, end } = readHeader(bytes, view, name);
  const [, order = '<', type = ''] = /'descr':\s*'([<>|=])(\w\d+)'/.exec(text) ?? [];
  const shape = shapeOf(text);
  const read = READERS[type];
  const fortran = /'fortran_order':\s*(True|False)/.exec(text)?.[1];
  if (!read || !shape || fortran === undefined) {
    throw new InputError(`${name} holds no numbers that can be read; its header says ${text.trim().slice(0, 120)}.`);
  }
  const size = shape.reduce((product, length) => product * length, 1);
  const width = Number(type.slice(1));
  if (!Number.isSafeInteger(size) || bytes.length - end !== size * width) {
    throw new InputError(
      `${name} is damaged: ${size * width} bytes expected after its header, found ${bytes.length - end}.`,
    );
  }
  const stored = Float32Array.from({ length: size }, (_, index) => read(view, end + index * width, order !== '>'));
  const bad = stored.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new InputError(`${name} has ${stored[bad]} at position ${bad}. Finite float32 numbers expected.`);
  return { kind: 'numbers', shape, data: fortran === 'True' ? rowByRow(stored, shape) : stored };
}

/** True for bytes that begin as a NumPy array does. */
export function isNpy(bytes: Uint8Array): boolean {
  return [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59].every((byte, index) => bytes[index] === byte);
}

/** The header is a Python dictionary; its length stands before it, in two bytes, or four from version 2 on. */
function readHeader(bytes: Uint8Array, view: DataView, name: string): { text: string; end: number } {
  const long = (bytes[6] ?? 0) >= 2;
  const start = long ? 12 : 10;
  if (!isNpy(bytes) || bytes.length < start) throw new InputError(`${name} is not an array saved by NumPy.`);
  const end = start + (long ? view.getUint32(8, true) : view.getUint16(8, true));
  if (end > bytes.length) throw new InputError(`${name} is damaged: its header is cut off.`);
  return { text: String.fromCharCode(...bytes.subarray(start, Math.min(end, start + 1000))), end };
}

function shapeOf(header: string): number[] | null {
  const inside = /'shape':\s*\(([\d,\s]*)\)/.exec(header)?.[1];
  if (inside === undefined) return null;
  return inside.split(',').flatMap((part) => (part.trim() === '' ? [] : [Number(part)]));
}

/** Column by column becomes row by row. */
function rowByRow(stored: Float32Array, shape: readonly number[]): Float32Array {
  const strides: number[] = [];
  shape.reduce((stride, length) => {
    strides.push(stride);
    return stride * length;
  }, 1);
  return stored.map((_, index) => {
    let [rest, from] = [index, 0];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const length = shape[axis] ?? 1;
      from += (rest % length) * (strides[axis] ?? 0);
      rest = Math.floor(rest / length);
    }
    return stored[from] ?? 0;
  });
}
