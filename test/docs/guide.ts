// Turns a guide into a module that runs: every `ts` block at its own line numbers, so that an error's line is the guide's.

/** A module made of a guide's code, and the output that the guide promises. */
export interface Guide {
  readonly code: string;
  /** Blocks marked `ts browser`, which are compiled only. */
  readonly browserCode: readonly string[];
  /** Text that the guide shows below a block, by the line of the block's opening fence. */
  readonly outputs: ReadonlyMap<number, string>;
}

interface Block {
  readonly info: string;
  /** Lines between the fences, and the line number of the opening fence, counted from 0. */
  readonly lines: readonly string[];
  readonly at: number;
}

/**
 * Reads the fenced blocks of a guide. Each `ts` block gets a scope of its own and sees what the blocks marked `ts setup`
 * declare; a `text output` block is what the `ts` block before it prints.
 *
 * @param library What stands for 'tfjs-lrp' in imports, such as `../src/index.js`; its parts lie in folders beside it.
 */
export function readGuide(markdown: string, library: string): Guide {
  const lines = markdown.split('\n');
  const blocks = blocksOf(lines);
  const code = lines.map(() => '');
  const imports = new Imports(library);
  const outputs = new Map<number, string>();
  let last: Block | undefined;
  for (const block of blocks) {
    if (block.info === 'text output' && last) outputs.set(last.at, block.lines.join('\n').trim());
    if (block.info !== 'ts' && block.info !== 'ts setup') continue;
    last = block;
    const [open, close] = block.info === 'ts' ? ['{', '}'] : ['', ''];
    code[block.at] = `globalThis.beginBlock(${block.at}); ${open}`;
    for (const [index, line] of imports.takeFrom(block.lines).entries()) code[block.at + 1 + index] = line;
    code[block.at + 1 + block.lines.length] = close;
  }
  const browserCode = blocks
    .filter((block) => block.info === 'ts browser')
    .map((block) =>
      block.lines
        .join('\n')
        .replace(/'(tfjs-lrp(?:\/\w+)?)'/g, (_quoted, from: string) => `'${placeOf(from, library)}'`),
    );
  return { code: `${imports} ${code.join('\n')}\nexport {};\n`, browserCode, outputs };
}

/** The guide with other outputs. */
export function withOutputs(markdown: string, outputs: ReadonlyMap<number, string>): string {
  const lines = markdown.split('\n');
  let last = -1;
  const replaced = blocksOf(lines).flatMap((block) => {
    const output = block.info === 'text output' ? outputs.get(last) : undefined;
    if (block.info.startsWith('ts')) last = block.at;
    return output === undefined ? [] : [{ block, output }];
  });
  for (const { block, output } of replaced.reverse()) {
    lines.splice(block.at + 1, block.lines.length, ...output.split('\n'));
  }
  return lines.join('\n');
}

function blocksOf(lines: readonly string[]): Block[] {
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; at++) {
    const info = /^```(.+)$/.exec(lines[at] ?? '')?.[1];
    if (info === undefined) continue;
    const end = lines.indexOf('```', at + 1);
    if (end < 0) throw new Error(`the block at line ${at + 1} has no end`);
    blocks.push({ info: info.trim(), lines: lines.slice(at + 1, end), at });
    at = end;
  }
  return blocks;
}

/** Where a part of the library is: `tfjs-lrp`, `tfjs-lrp/render`. Other packages are where they say. */
function placeOf(from: string, library: string): string {
  const [, part] = /^tfjs-lrp(?:\/(\w+))?$/.exec(from) ?? [from, from];
  if (part === from) return from;
  return part === undefined ? library : library.replace(/index\.js$/, `${part}/index.js`);
}

/** The imports of all blocks of a guide, each name once: they have to stand outside of the scopes. */
class Imports {
  private readonly whole = new Set<string>();
  private readonly names = new Map<string, Set<string>>();

  constructor(private readonly library: string) {}

  /** The lines without their import statements, which are kept here. */
  takeFrom(lines: readonly string[]): string[] {
    const text = lines.join('\n');
    const rest = text.replace(/^import (?:(.+?) from )?'(.+?)';$/gms, (statement, what: string | undefined, from) => {
      this.add(what, placeOf(from, this.library));
      return statement.replace(/[^\n]/g, '');
    });
    return rest.split('\n');
  }

  private add(what: string | undefined, from: string): void {
    const listed = /^\{(.*)\}$/s.exec(what ?? '')?.[1];
    if (listed === undefined) {
      this.whole.add(what === undefined ? `import '${from}';` : `import ${what} from '${from}';`);
      return;
    }
    const names = this.names.get(from) ?? new Set();
    for (const name of listed.split(',')) if (name.trim()) names.add(name.trim());
    this.names.set(from, names);
  }

  toString(): string {
    const named = [...this.names].map(([from, names]) => `import { ${[...names].join(', ')} } from '${from}';`);
    return [...this.whole, ...named].join(' ');
  }
}
