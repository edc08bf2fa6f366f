import { EXIT, type ExitCode } from './exit-codes.js';
import type { Io } from './io.js';
import { type CommonOptions, planOf, withSubject } from './subject.js';

/** Prints how a model would be explained. All that does not work out is listed at once, by the error. */
export function planCommand(path: string, options: CommonOptions, io: Io): Promise<ExitCode> {
  return withSubject(path, options, io, async (subject) => {
    const planned = planOf(subject, options, options.rules);
    io.out(`${planned}`);
    planned.dispose();
    return EXIT.done;
  });
}
