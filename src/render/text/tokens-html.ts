import type { TokenScore } from '../../index.js';
import { cssColour, textColour } from '../colour-map.js';
import { attributes, escapeMarkup, showControls } from '../escape.js';
import { formatSigned } from '../number.js';
import { colourOf, type Scale } from '../scale.js';
import { barSvg } from '../scene/bar-svg.js';
import { readText, type TextOptions } from './options.js';
import type { Word } from './subwords.js';

/** Seen by screen readers only. */
const HIDDEN =
  'position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap;user-select:none';

/**
 * Tokens coloured by relevance, as a piece of HTML for any page or notebook. Numbers show on hover and are read out by screen
 * readers behind each word; line feeds of the text break lines, long text wraps. Nothing in a token is markup: what looks
 * like a tag is shown as it is.
 *
 * @throws InputError when the text is longer than two million letters.
 * @throws NumericsError when a relevance is not finite.
 */
export function tokensHtml(tokens: readonly TokenScore[], options: TextOptions = {}): string {
  const { words, scale } = readText(tokens, options);
  const { caption } = options;
  const heading =
    caption === undefined ? '' : `<figcaption style="font-weight:600">${escapeMarkup(caption)}</figcaption>`;
  const style = 'line-height:1.9;overflow-wrap:anywhere;max-width:46em;margin:.5em 0;print-color-adjust:exact';
  return (
    `<figure style="margin:1em 0">${heading}<p style="${style}">${words.map((word) => wordHtml(word, scale)).join(' ')}</p>` +
    `${barSvg(scale)}</figure>`
  );
}

function wordHtml(word: Word, scale: Scale): string {
  const colour = colourOf(scale, word.relevance);
  const number = formatSigned(word.relevance);
  // Text keeps to itself: a word of another script must not reorder its neighbours.
  const style = `background:${cssColour(colour)};color:${textColour(colour)};padding:.1em .2em;border-radius:.2em;unicode-bidi:isolate`;
  const text = escapeMarkup(showControls(word.token.replaceAll('\n', '')));
  const breaks = '<br>'.repeat(word.token.split('\n').length - 1);
  const hidden = `<span style="${HIDDEN}"> (${escapeMarkup(number)})</span>`;
  return `<span${attributes({ style: `${style};position:relative`, title: titleOf(word, number) })}>${text || '␊'}${hidden}</span>${breaks}`;
}

/** `+0.12`, and for a word of several pieces what each earned. */
export function titleOf({ pieces }: Word, number: string): string {
  if (pieces.length < 2) return number;
  return `${number} = ${pieces.map((piece) => `${showControls(piece.token)} ${formatSigned(piece.relevance)}`).join(', ')}`;
}
