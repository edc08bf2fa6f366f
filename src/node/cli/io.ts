/** The world outside of the command line: where texts go, and what may stop it. */
export interface Io {
  /** Writes results, with a line feed. */
  out(text: string): void;
  /** Writes what is no result, such as progress and errors, with a line feed. */
  err(text: string): void;
  /** Shows one passing line in the place of the one before; empty to clear it. Nothing where nobody watches. */
  status(text: string): void;
  /** Columns of the terminal that results go to. */
  readonly columns: number;
  /** Colours that it knows. */
  readonly palette: 'true-colour' | '256' | 'none';
  /** Fires when the user interrupts. */
  readonly signal: AbortSignal;
}

/** A control character, and what follows it where an escape would set a colour. */
const CONTROL = /(\p{Cc})(\[[\d;]*m)?/gu;

/**
 * The same world, where no text can do more than be read: names that come from files, such as labels and layers, may hold
 * codes that move the cursor or rename the terminal.
 */
export function inertIo(io: Io): Io {
  return {
    ...io,
    out: (text) => io.out(inert(text)),
    err: (text) => io.err(inert(text)),
    status: (text) => io.status(inert(text)),
  };
}

function inert(text: string): string {
  return text.replace(CONTROL, (found, sign: string, colour = '') => {
    const harmless = sign === '\n' || sign === '\t' || (sign === '\u001b' && colour !== '');
    return harmless ? found : `\uFFFD${colour}`;
  });
}

/** The terminal, or whatever the process's output is led to. */
export function processIo(signal: AbortSignal): Io {
  const { stdout, stderr } = process;
  return {
    out: (text) => void stdout.write(`${text}\n`),
    err: (text) => void stderr.write(`${text}\n`),
    status: (text) => {
      // To the beginning of the line, and cleared up to its end.
      if (stderr.isTTY) stderr.write(`\r${text.slice(0, (stderr.columns ?? 80) - 1)}\u001b[K`);
    },
    columns: stdout.columns ?? 80,
    palette: paletteOf(stdout.isTTY, process.env),
    signal,
  };
}

function paletteOf(isTty: boolean, env: Readonly<Record<string, string | undefined>>): Io['palette'] {
  if (!isTty || env.NO_COLOR || env.TERM === 'dumb') return 'none';
  return /truecolor|24bit/.test(env.COLORTERM ?? '') ? 'true-colour' : '256';
}
