import { InputError, type TokenScore } from '../../index.js';

/**
 * How a tokenizer marks the pieces of a word. `wordpiece`: `##ing` goes on with the word before it. `byte-pair`: `Ġ` begins
 * a word, `Ċ` is a line feed. `sentencepiece`: `▁` begins a word. `end-of-word`: `</w>` ends one. `none`: every token is a
 * word.
 */
export type SubwordStyle = 'wordpiece' | 'byte-pair' | 'sentencepiece' | 'end-of-word' | 'none';

/** Options of {@link joinSubwords}. */
export interface SubwordOptions {
  /** How the pieces are marked. Default: found from the tokens. */
  readonly style?: SubwordStyle;
  /** Tokens that stand alone whatever their neighbours, such as `[SEP]`. Default: what is bracketed, `[...]` or `<...>`. */
  readonly special?: readonly string[];
}

/** A word with what its pieces earned together. */
export interface Word extends TokenScore {
  /** The tokens it was made of, as they were given. */
  readonly pieces: readonly TokenScore[];
}

/**
 * Joins the pieces of words; a word earns the sum of its pieces, so that the total stays. `position` is that of its first
 * piece, `token` the text without the tokenizer's marks.
 *
 * @throws InputError for a style that does not exist.
 */
export function joinSubwords(tokens: readonly TokenScore[], options: SubwordOptions = {}): Word[] {
  const { style = findStyle(tokens) } = options;
  const joined: TokenScore[][] = [];
  let open = false;
  for (const token of tokens) {
    const special = options.special
      ? options.special.includes(token.token)
      : /^(\[[^\]]+\]|<[^<>]+>)$/.test(token.token);
    const last = joined.at(-1);
    if (open && last && !special && goesOn(token.token, last.at(-1)?.token ?? '', style)) last.push(token);
    else joined.push([token]);
    open = !special;
  }
  return joined.map((pieces) => wordOf(pieces, style));
}

/** The style whose marks occur. */
function findStyle(tokens: readonly TokenScore[]): SubwordStyle {
  const some = (mark: RegExp) => tokens.some(({ token }) => mark.test(token));
  if (some(/^[ĠĊ]./)) return 'byte-pair';
  if (some(/^▁/)) return 'sentencepiece';
  if (some(/^##./)) return 'wordpiece';
  return some(/.<\/w>$/) ? 'end-of-word' : 'none';
}

/** Whether a token belongs to the same word as the one before it. */
function goesOn(token: string, before: string, style: SubwordStyle): boolean {
  switch (style) {
    case 'wordpiece':
      return /^##./.test(token);
    case 'byte-pair':
      return !/^[ĠĊ]/.test(token) && before !== 'Ċ';
    case 'sentencepiece':
      return !token.startsWith('▁');
    case 'end-of-word':
      return !before.endsWith('</w>');
    case 'none':
      return false;
    default:
      throw new InputError(
        `There is no subword style "${String(style)}". Known: wordpiece, byte-pair, sentencepiece, end-of-word, none.`,
      );
  }
}

function wordOf(pieces: readonly TokenScore[], style: SubwordStyle): Word {
  const token = pieces.map((piece) => plain(piece.token, style)).join('');
  const relevance = pieces.reduce((sum, piece) => sum + piece.relevance, 0);
  return { token, position: pieces[0]?.position ?? 0, relevance, pieces };
}

/** A piece without its mark; a mark alone stays, since a word has to show something. */
function plain(token: string, style: SubwordStyle): string {
  switch (style) {
    case 'wordpiece':
      return token.replace(/^##(?=.)/, '');
    case 'byte-pair':
      return token
        .replace(/^Ġ(?=.)/, '')
        .replaceAll('Ġ', ' ')
        .replaceAll('Ċ', '\n');
    case 'sentencepiece':
      return token.replace(/^▁(?=.)/, '').replaceAll('▁', ' ');
    case 'end-of-word':
      return token.replace(/(?<=.)<\/w>$/, '');
    case 'none':
      return token;
  }
}
