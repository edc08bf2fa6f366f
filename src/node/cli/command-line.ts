/** The command as it was given, for the reader of a report. */
export function commandLine(args: readonly string[]): string {
  return ['tfjs-lrp', ...args].map(quoted).join(' ');
}

/** As a shell takes it: plain words as they are, others in quotes. */
function quoted(text: string): string {
  return /^[\w./,:=@+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
