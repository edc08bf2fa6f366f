/** Shape of a tensor as it is at run time, batch axis first. */
export type Shape = readonly number[];

/** Shape as a model states it: `null` where any size fits, such as the batch. */
export type SymbolicShape = readonly (number | null)[];

/** `[null, 28, 28, 1]`. */
export function formatShape(shape: SymbolicShape): string {
  return `[${shape.map((size) => (size === null ? 'null' : String(size))).join(', ')}]`;
}

/** True when a tensor of `shape` may stand where `expected` is asked for. */
export function fitsShape(shape: Shape, expected: SymbolicShape): boolean {
  return shape.length === expected.length && expected.every((size, axis) => size === null || size === shape[axis]);
}

/** Number of elements. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}
