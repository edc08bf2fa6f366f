import { showControls } from '../escape.js';
import { columnsOf, cutColumns } from './columns.js';
import type { Word } from './subwords.js';

/** A word, or a part of one that is longer than a line, in its place. */
export interface PlacedWord {
  readonly word: Word;
  /** What is shown. */
  readonly text: string;
  /** Columns before it, and columns it takes. */
  readonly column: number;
  readonly columns: number;
}

/** Words in lines of at most `width` columns, one column apart; a line feed in a word ends its line. */
export function linesOf(words: readonly Word[], width: number): PlacedWord[][] {
  const lines: PlacedWord[][] = [[]];
  for (const word of words) {
    const [first = '', ...further] = word.token.split('\n');
    for (const [index, text] of [first, ...further].entries()) {
      if (index > 0) lines.push([]);
      const shown = showControls(text);
      if (shown !== '' || (index === 0 && further.length === 0)) placeWord(lines, word, shown || '␣', width);
    }
  }
  return lines;
}

function placeWord(lines: PlacedWord[][], word: Word, shown: string, width: number): void {
  for (const text of cutColumns(shown, width)) {
    const last = lines.at(-1)?.at(-1);
    const column = last ? last.column + last.columns + 1 : 0;
    const columns = columnsOf(text);
    if (column + columns <= width) lines.at(-1)?.push({ word, text, column, columns });
    else lines.push([{ word, text, column: 0, columns }]);
  }
}
