// A setup module whose values no thread can send.
import type { ReadBatch } from '../../../src/index.js';

export const map: ReadBatch<() => number> = (_, { indices }) => indices.map((index) => () => index);
