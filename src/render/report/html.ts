import { escapeMarkup } from '../escape.js';
import type { Drawing } from '../scene/figure.js';

/** A table: texts as they are, to be escaped here. */
export interface Table {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Columns of numbers, which stand to the right. */
  readonly numbers?: readonly number[];
}

/**
 * A table that readers of every kind can follow: a caption, headings of columns and rows, and a frame of its own that scrolls
 * where the page is narrow, also by keyboard.
 */
export function tableHtml({ caption, head, rows, numbers = [] }: Table): string {
  const kind = (column: number) => (numbers.includes(column) ? ' class="number"' : '');
  const heading = head.map((text, column) => `<th scope="col"${kind(column)}>${escapeMarkup(text)}</th>`).join('');
  const body = rows.map((row) => {
    const cells = row.map((text, column) => {
      const content = escapeMarkup(text);
      return column === 0 ? `<th scope="row">${content}</th>` : `<td${kind(column)}>${content}</td>`;
    });
    return `<tr>${cells.join('')}</tr>`;
  });
  const name = escapeMarkup(caption);
  return (
    `<div class="scroll" role="group" aria-label="${name}" tabindex="0"><table><caption>${name}</caption>` +
    `<thead><tr>${heading}</tr></thead><tbody>${body.join('')}</tbody></table></div>`
  );
}

/** A drawing; its text alternative is part of it. */
export function drawingHtml({ svg }: Drawing): string {
  return `<figure>${svg}</figure>`;
}

/** A paragraph. */
export function paragraph(text: string, kind = ''): string {
  return `<p${kind === '' ? '' : ` class="${kind}"`}>${escapeMarkup(text)}</p>`;
}

/** What can be folded away. */
export function foldedHtml(summary: string, content: string): string {
  return `<details><summary>${escapeMarkup(summary)}</summary>${content}</details>`;
}

/** Rules of style for everything below an element of the class `lrp`. */
export const STYLE = `
.lrp{font:16px/1.5 system-ui,"DejaVu Sans",Arial,sans-serif;color:#202020;background:#fff}
.lrp{print-color-adjust:exact;-webkit-print-color-adjust:exact}
.lrp h1{font-size:1.6em;line-height:1.2}.lrp h2{font-size:1.25em;margin-top:2em;border-bottom:1px solid #ccc}
.lrp figure{margin:1em 0}.lrp figure>svg,.lrp figure>p>svg{max-width:100%;height:auto}
.lrp table{border-collapse:collapse;min-width:22em;font-size:.85em;margin:.5em 0}
.lrp caption{text-align:left;font-weight:600;padding:.3em 0}
.lrp th,.lrp td{text-align:left;vertical-align:top;padding:.2em .7em .2em 0;border-bottom:1px solid #ddd;background:none}
.lrp thead th{border-bottom:2px solid #555}.lrp tbody th{font-weight:400}
.lrp .number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.lrp .scroll{overflow-x:auto}.lrp .scroll:focus-visible{outline:2px solid #0b57d0}
.lrp .warning{border-left:4px solid #b35806;padding-left:.7em}
.lrp summary{cursor:pointer;font-weight:600;margin:.6em 0}
@media print{.lrp{font-size:11pt}.lrp .scroll{overflow:visible}.lrp table{font-size:7.5pt}.lrp h2,.lrp caption{break-after:avoid}
.lrp tr,.lrp figure{break-inside:avoid}.lrp thead{display:table-header-group}@page{margin:15mm}}`;

/** Part of a page or of a notebook, with the style it needs. */
export function fragment(content: string): string {
  return `<div class="lrp"><style>${STYLE}</style>${content}</div>`;
}

/**
 * A page that needs no other file and runs nothing: its own security policy forbids scripts and everything from elsewhere, so
 * that even a mistake in escaping would stay without effect.
 */
export function page(title: string, content: string): string {
  const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";
  return (
    `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">` +
    `<meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeMarkup(title)}</title>` +
    `<style>${STYLE}\nbody{max-width:60em;margin:2em auto;padding:0 1em}</style></head><body class="lrp">${content}</body></html>\n`
  );
}
