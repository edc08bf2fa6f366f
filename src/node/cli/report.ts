import type { Explanation } from '../../index.js';
import { type InputView, report } from '../../render/index.js';
import type { Labels } from '../read/labels.js';
import type { ReadyInput } from '../read/model-input.js';

/** The whole explanation as one page; `command` is how it was made. */
export async function reportPage(
  explanation: Explanation,
  ready: readonly ReadyInput[],
  labels: Labels,
  command: string,
): Promise<string> {
  const inputs = Object.fromEntries(explanation.inputs.map(({ name }, index) => [name, viewOf(ready[index])]));
  return report(explanation, { inputs, labels: listOf(labels), settings: { command } });
}

function viewOf(ready: ReadyInput | undefined): InputView {
  if (!ready) return {};
  const { picture, text, features, tensor } = ready;
  return {
    ...(picture ? { picture } : {}),
    ...(text ? { tokens: text.tokens } : {}),
    ...(features ? { names: features } : {}),
    ...(picture || text ? {} : { values: tensor }),
  };
}

/** Names by place; a gap is named by its number. */
function listOf(labels: Labels): string[] {
  const length = Math.max(-1, ...labels.keys()) + 1;
  // Of a file that names a unit far beyond the others only the beginning is of use.
  return Array.from({ length: Math.min(length, 100_000) }, (_, unit) => labels.get(unit) ?? `unit ${unit}`);
}
