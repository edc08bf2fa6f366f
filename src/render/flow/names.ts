import { textWidth, wrapText } from '../scene/scene.js';

/**
 * The name of a box, in lines: of a single layer one or two, of several the first and, on a line of its own where both do not fit
 * on one, the last. What is left out is said by an ellipsis: the middle of a long name, the beginning of the last.
 */
export function nameLines(names: readonly string[], size: number, width: number): string[] {
  const [first = '', second] = names;
  if (second === undefined) return wholeName(first, size, width);
  const last = names.at(-1) ?? '';
  const both = names.length === 2 ? `${first}, ${second}` : `${first} … ${last}`;
  if (textWidth(both, size) <= width) return [both];
  const letters = [...last];
  const room = lettersOf(size, width) - 2;
  const end = letters.length <= room ? last : letters.slice(letters.length - room).join('');
  const apart = names.length > 2 || letters.length > room;
  return [...wholeName(first, size, width), apart ? `… ${end}` : end];
}

/** In two lines at most; a name that has no room in two keeps its beginning and its end. */
function wholeName(name: string, size: number, width: number): string[] {
  const wrapped = wrapText(name, size, width);
  if (wrapped.length <= 2) return wrapped;
  const letters = [...name];
  const room = lettersOf(size, width);
  return [letters.slice(0, room).join(''), `…${letters.slice(letters.length - room + 1).join('')}`];
}

function lettersOf(size: number, width: number): number {
  return Math.max(3, Math.floor(width / textWidth('x', size)));
}
