import type { Verdict } from './check-case.js';
import { formatDifference } from './compare.js';

/** The names in `GOLDEN_ALLOW`: methods, rules, cases or `case/expectation`, separated by commas. */
export function allowedNames(text: string | undefined): ReadonlySet<string> {
  const names = (text ?? '').split(',').map((name) => name.trim());
  return new Set(names.filter((name) => name !== ''));
}

/**
 * Null when an expectation is met, or why it is left out, if that is allowed. Only what cannot be expressed may be
 * allowed; a wrong number never.
 *
 * @throws Error in all other cases, naming every tensor that differs.
 */
export function judge(
  golden: string,
  expectation: string,
  verdict: Verdict,
  allowed: ReadonlySet<string>,
): string | null {
  const place = `${golden}/${expectation}`;
  if (verdict.status === 'agrees') return null;
  if (verdict.status === 'differs') {
    const worstFirst = [...verdict.wrong].sort((one, other) => (one.error < other.error ? 1 : -1));
    const lines = worstFirst.map((difference) => `  ${formatDifference(difference)}`);
    throw new Error(`${place}: ${lines.length} tensors differ, the worst first\n${lines.join('\n')}`);
  }
  const names = [verdict.missing, golden, place].filter((name) => name !== undefined);
  if (names.some((name) => allowed.has(name))) return verdict.reason;
  throw new Error(
    `${place}: the library cannot express this: ${verdict.reason}\n` +
      `To leave it out, name one of these in GOLDEN_ALLOW: ${names.join(', ')}`,
  );
}
