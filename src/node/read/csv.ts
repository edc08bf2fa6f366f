import { InputError } from '../../index.js';
import type { NumberContent } from './content.js';

/**
 * Reads a table of numbers, separated by commas, semicolons or tabs; a first row with a name in it is its head.
 *
 * @param name What the table is called in messages.
 * @returns Shape `[rows, columns]`.
 * @throws InputError naming the row and column of what is no number, or the row of another length.
 */
export async function readCsv(text: string, name: string): Promise<NumberContent> {
  const rows = await readRows(text, name);
  const head = rows[0]?.some(isName) ? rows[0] : undefined;
  const body = head ? rows.slice(1) : rows;
  const columns = rows[0]?.length ?? 0;
  if (body.length === 0) throw new InputError(`${name} has no row of numbers.`);
  const data = new Float32Array(body.length * columns);
  body.forEach((row, index) => {
    row.forEach((cell, column) => {
      if (!isNumber(cell)) {
        const place = `row ${index + 1}${head ? ' below the head' : ''}, column ${column + 1}`;
        throw new InputError(`${name} has ${JSON.stringify(cell.slice(0, 40))} in ${place}. A finite number expected.`);
      }
      data[index * columns + column] = Number(cell);
    });
  });
  return { kind: 'numbers', shape: [body.length, columns], data, ...(head ? { names: head } : {}) };
}

/**
 * The cells of a table, all rows of the same length.
 *
 * @throws InputError when they are not.
 */
export async function readRows(text: string, name: string): Promise<string[][]> {
  const { parse } = await import('csv-parse/sync');
  try {
    return parse(text, { bom: true, delimiter: [',', ';', '\t'], skip_empty_lines: true, trim: true });
  } catch (cause) {
    throw new InputError(`${name} is not a table: ${cause instanceof Error ? cause.message : cause}`);
  }
}

/** What stands where a number is missing or overflowed: no name of a column. */
const NO_NUMBER = /^([-+]?(nan|inf|infinity)|null|none|n\/?a)?$/i;

function isName(cell: string): boolean {
  return Number.isNaN(Number(cell)) && !NO_NUMBER.test(cell);
}

function isNumber(cell: string): boolean {
  return cell !== '' && Number.isFinite(Math.fround(Number(cell)));
}
