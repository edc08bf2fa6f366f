const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** What no XML document may contain: most control characters, halves of surrogate pairs and two codes that are none. */
const UNPRINTABLE = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

/**
 * Text that means itself in HTML and SVG, between tags and inside quoted attributes. Characters that XML forbids become the
 * replacement character, so that a picture stays well-formed whatever a token or label holds.
 */
export function escapeMarkup(text: string): string {
  return wellFormed(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

/** Text without the characters that XML forbids; markup is left as it is, for those who escape it themselves. */
export function wellFormed(text: string): string {
  return text.replace(UNPRINTABLE, '\uFFFD');
}

/**
 * Control characters as the signs that stand for them (a line feed becomes `␊`, an escape `␛`): text that can neither move
 * a terminal's cursor nor break a line.
 */
export function showControls(text: string): string {
  return [...text].map((character) => signFor(character.codePointAt(0) ?? 0) ?? character).join('');
}

/** Codes that change the direction of what follows, or break lines, besides the control characters. */
const INVISIBLE: readonly (readonly [first: number, last: number])[] = [
  [0x7f, 0x9f],
  [0x200e, 0x200f],
  [0x2028, 0x202e],
  [0x2066, 0x2069],
];

function signFor(code: number): string | null {
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return INVISIBLE.some(([first, last]) => code >= first && code <= last) ? '\u2421' : null;
}

/** An attribute list, ` name="value" ...`; undefined values are left out. */
export function attributes(values: Readonly<Record<string, string | number | undefined>>): string {
  return Object.entries(values)
    .map(([name, value]) => (value === undefined ? '' : ` ${name}="${escapeMarkup(attributeText(value))}"`))
    .join('');
}

/** Two digits after the point are a hundredth of a pixel: enough, and pictures stay small. */
function attributeText(value: string | number): string {
  return typeof value === 'number' ? String(Number(value.toFixed(2))) : value;
}
