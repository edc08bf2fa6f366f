// A setup module that says how explanations are read, and by which rules.
import { epsilon, type ReadBatch } from '../../../src/index.js';

/** A function, which cannot be sent. */
export const rules = () => epsilon(0.5);

export const map: ReadBatch<string> = ({ plan }, { indices }) => indices.map((index) => `${plan.rules} ${index}`);
