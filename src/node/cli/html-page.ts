/** A piece of HTML as a page of its own. */
export function htmlPage(title: string, body: string): string {
  const escaped = title.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped}</title>`;
  return `<!doctype html>\n<html lang="en"><head>${head}</head><body>${body}</body></html>\n`;
}
