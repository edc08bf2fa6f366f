import { fileURLToPath } from 'node:url';

/** Path of a file beside a script: `beside(import.meta.url)('model')`. */
export function beside(url: string): (name: string) => string {
  return (name) => fileURLToPath(new URL(name, url));
}
