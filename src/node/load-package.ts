import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Loads a package that stands beside the library, or else in the project that it is used from, as where the library is
 * installed globally.
 *
 * @throws Error of Node's when it is in neither.
 */
export async function loadPackage(name: string): Promise<unknown> {
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

/** What an error says, without what Node adds below. */
export function firstLine(error: Error): string {
  return error.message.split('\n')[0] ?? '';
}
