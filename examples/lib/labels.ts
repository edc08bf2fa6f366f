import { readFile } from 'node:fs/promises';

/** Names the units of an output; unnamed ones are called by their number. */
export type Naming = (unit: number) => string;

/** Reads class names, a JSON list of strings in the order of the output's units. Without a file, numbers serve. */
export async function readLabels(path?: string): Promise<Naming> {
  const labels = path === undefined ? [] : parse(await readFile(path, 'utf8').catch(() => ''));
  if (!labels) throw new Error(`${path} is not a JSON list of class names.`);
  return (unit) => labels[unit] ?? `unit ${unit}`;
}

function parse(text: string): string[] | null {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((label) => typeof label === 'string') ? value : null;
  } catch {
    return null;
  }
}
