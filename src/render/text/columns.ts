/** Code points of letters that take two columns: East Asian scripts, and signs drawn as little pictures. */
const WIDE: readonly (readonly [first: number, last: number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1faff],
  [0x20000, 0x3fffd],
];

/** Columns that a text takes in a terminal or a font of fixed width; marks that sit on other letters take none. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const letter of text) columns += columnsOfLetter(letter);
  return columns;
}

/** Cuts a text into parts of at most so many columns. */
export function cutColumns(text: string, most: number): string[] {
  const parts = [''];
  let used = 0;
  for (const letter of text) {
    const columns = columnsOfLetter(letter);
    if (used + columns > most && used > 0) {
      parts.push('');
      used = 0;
    }
    parts[parts.length - 1] += letter;
    used += columns;
  }
  return parts;
}

function columnsOfLetter(letter: string): number {
  if (/^(?:\p{M}|\p{Cf})$/u.test(letter)) return 0;
  const code = letter.codePointAt(0) ?? 0;
  return WIDE.some(([first, last]) => code >= first && code <= last) ? 2 : 1;
}
