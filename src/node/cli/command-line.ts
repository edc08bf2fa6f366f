/** Options that only say what is shown or how long it may take. */
const ASIDE = new Set(['out', 'report', 'json', 'plan', 'ledger', 'top', 'mask', 'layerMap', 'timeBudget', 'quiet']);

/** The command that gives this explanation again, for the reader of a report; numbers are written out. */
export function commandOf(model: string, references: readonly string[], options: object): string {
  const flags = Object.entries(options).flatMap(([name, value]) =>
    value === undefined || ASIDE.has(name) ? [] : [`--${kebab(name)}`, ...wordsFor(value)],
  );
  return ['tfjs-lrp explain', ...[model, ...references].map(quoted), ...flags].join(' ');
}

/** `caseSensitive` is typed `case-sensitive`. */
function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** A switch that is on has no value. */
function wordsFor(value: unknown): string[] {
  return value === true ? [] : [quoted(String(value))];
}

/** As a shell takes it: plain words as they are, others in quotes. */
function quoted(text: string): string {
  return /^[\w./,:=@+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
