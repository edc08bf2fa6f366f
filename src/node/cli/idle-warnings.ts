/**
 * What TensorFlow.js warns of where nobody can act on it. It means to take `implementation: 0` of recurrent layers in old
 * files for 1 without a word, but misspells the field and warns of the file's own words.
 */
const IDLE: readonly RegExp[] = [/^`implementation=0` has been deprecated/];

/** Does work without the warnings that whoever explains a model of others can do nothing about; all others come through. */
export async function withoutIdleWarnings<T>(work: () => Promise<T>): Promise<T> {
  const { warn } = console;
  console.warn = (...words: unknown[]) => {
    if (!IDLE.some((idle) => idle.test(String(words[0])))) warn(...words);
  };
  try {
    return await work();
  } finally {
    console.warn = warn;
  }
}
