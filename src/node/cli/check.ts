import type { LayerCheck } from '../../index.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import type { Io } from './io.js';
import { showProgress } from './progress.js';
import { type SettingOptions, withSetting } from './setting.js';

/** Options of `check`. */
export interface CheckOptions extends SettingOptions {
  readonly tolerance: number;
}

/**
 * Prints the ledger of one explanation and how far the steps depart from the layers.
 *
 * @returns 0 when both are within rounding, else 1.
 */
export function checkCommand(
  path: string,
  references: readonly string[],
  options: CheckOptions,
  io: Io,
): Promise<ExitCode> {
  return withSetting(path, references, options, io, async ({ planned, inputs, target }) => {
    const worst = worstOf(await planned.check(inputs.input));
    const explanation = await planned.explainAsync(inputs.input, {
      signal: io.signal,
      onProgress: showProgress(io, options.quiet),
      keep: 'inputs',
      ...(target === undefined ? {} : { target }),
    });
    io.status('');
    try {
      const ledger = await explanation.conservation();
      io.out(`${ledger}`);
      io.out(describeLayers(worst, options.tolerance));
      return ledger.verdict === 'closed' && isWithin(worst, options.tolerance) ? EXIT.done : EXIT.open;
    } finally {
      explanation.dispose();
    }
  });
}

function worstOf(layers: readonly LayerCheck[]): LayerCheck | null {
  return layers.reduce<LayerCheck | null>(
    (worst, one) => (worst && !(one.difference > worst.difference) ? worst : one),
    null,
  );
}

function isWithin(worst: LayerCheck | null, tolerance: number): boolean {
  return worst === null || worst.difference <= tolerance;
}

function describeLayers(worst: LayerCheck | null, tolerance: number): string {
  if (!worst) return 'The model has no layers to compare.';
  const place = `${worst.address} (${worst.layerType})`;
  if (worst.problem !== null)
    return `DEPARTS: the steps of ${place} cannot be compared with the layer: ${worst.problem}`;
  const size = `largest difference ${worst.difference.toExponential(1)} at ${place}, tolerance ${tolerance}`;
  return isWithin(worst, tolerance)
    ? `Steps and layers agree: ${size}.`
    : `DEPARTS: ${size}: the adapter of that layer computes something else than the layer.`;
}
