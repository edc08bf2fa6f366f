/** An einsum of one tensor and one kernel, its axes named by letters and sorted by what happens to them. */
export interface Contraction {
  /** The equation with every `...` spelled out: `abc,cd->abd`. */
  readonly equation: string;
  /** Letters of the tensor's axes. */
  readonly input: readonly string[];
  /** Letters of the kernel's axes. */
  readonly kernel: readonly string[];
  /** Letters of the result's axes. */
  readonly output: readonly string[];
  /** In all three: one product of matrices for each index. */
  readonly shared: readonly string[];
  /** In tensor and result: the kernel is the same along them. */
  readonly free: readonly string[];
  /** In the tensor only: summed over before anything else. */
  readonly summed: readonly string[];
  /** In tensor and kernel: summed over. */
  readonly contracted: readonly string[];
  /** In kernel and result: new axes. */
  readonly own: readonly string[];
}

/**
 * Reads an equation such as `abc,cd->abd`, `...x,xy->...y` or `ab...,bc->ac...`; null where it is none of one tensor and
 * one kernel, repeats a letter in a term, or has an axis of the kernel that leads nowhere.
 *
 * @param rank Rank of the tensor, batch included: how many axes `...` stands for.
 */
export function parseEinsum(equation: string, rank: number): Contraction | null {
  const given = /^([a-zA-Z.]+),([a-zA-Z]+)->([a-zA-Z.]+)$/.exec(equation.replace(/\s/g, ''));
  if (!given) return null;
  const [, left = '', weight = '', right = ''] = given;
  const named = left.replace('...', '').length;
  const unused = [...'abcdefghijklmnopqrstuvwxyz'].filter((letter) => !equation.includes(letter));
  const elided = unused.slice(0, Math.max(0, rank - named)).join('');
  const [input, kernel, output] = [
    [...left.replace('...', elided)],
    [...weight],
    [...right.replace('...', elided)],
  ] as const;
  const repeats = [input, kernel, output].some((term) => new Set(term).size < term.length);
  const lost = kernel.some((letter) => !input.includes(letter) && !output.includes(letter));
  const unknown = output.some((letter) => !input.includes(letter) && !kernel.includes(letter));
  if (repeats || lost || unknown || input.length !== rank || [...input, ...output].includes('.')) return null;
  return {
    equation: `${input.join('')},${weight}->${output.join('')}`,
    input,
    kernel,
    output,
    shared: input.filter((letter) => kernel.includes(letter) && output.includes(letter)),
    free: input.filter((letter) => !kernel.includes(letter) && output.includes(letter)),
    summed: input.filter((letter) => !kernel.includes(letter) && !output.includes(letter)),
    contracted: input.filter((letter) => kernel.includes(letter) && !output.includes(letter)),
    own: kernel.filter((letter) => !input.includes(letter)),
  };
}
