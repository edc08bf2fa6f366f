import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { explain, InputError, NumericsError, type TokenScore, tokenRelevance } from '../../src/index.js';
import {
  colourMap,
  cssColour,
  joinSubwords,
  type SubwordStyle,
  tokensAnsi,
  tokensHtml,
  tokensSvg,
} from '../../src/render/index.js';
import { columnsOf, cutColumns } from '../../src/render/text/columns.js';
import { linesOf } from '../../src/render/text/lines.js';

const scores = (tokens: readonly string[], relevance: (index: number) => number = (index) => index + 1): TokenScore[] =>
  tokens.map((token, position) => ({ token, position, relevance: relevance(position) }));

describe('pieces of words', () => {
  test.each<[SubwordStyle, readonly string[], readonly string[]]>([
    ['wordpiece', ['[CLS]', 'un', '##believ', '##able', '!', '[SEP]'], ['[CLS]', 'unbelievable', '!', '[SEP]']],
    ['byte-pair', ['The', 'Ġmov', 'ie', 'Ċ', 'Next', 'Ġ', '</s>'], ['The', 'movie', '\n', 'Next', ' ', '</s>']],
    ['sentencepiece', ['▁The', '▁mov', 'ie', '▁', '</s>'], ['The', 'movie', ' ', '</s>']],
    ['end-of-word', ['mov', 'ie</w>', 'good</w>'], ['movie', 'good']],
    ['none', ['a', 'b'], ['a', 'b']],
  ])('%s, named and found', (style, tokens, words) => {
    expect(joinSubwords(scores(tokens), { style }).map((word) => word.token)).toEqual(words);
    expect(joinSubwords(scores(tokens)).map((word) => word.token)).toEqual(words);
  });

  test('a word earns what its pieces earn together', () => {
    const words = joinSubwords(scores(['un', '##able', 'x'], (index) => [1, -3, 4][index] ?? 0));
    expect(words.map(({ relevance, position }) => [relevance, position])).toEqual([
      [-2, 0],
      [4, 2],
    ]);
    expect(words[0]?.pieces.map((piece) => piece.token)).toEqual(['un', '##able']);
  });

  test('special tokens of your own stand alone', () => {
    const words = joinSubwords(scores(['▁a', 'PAD', 'b']), { special: ['PAD'] });
    expect(words.map((word) => word.token)).toEqual(['a', 'PAD', 'b']);
  });

  test('the total stays, and no piece is lost', () => {
    const token = fc.constantFrom('a', '##a', 'Ġa', '▁', '▁b', 'c</w>', '##', 'Ġ', 'Ċ', '[SEP]', '');
    fc.assert(
      fc.property(fc.array(fc.record({ token, relevance: fc.integer({ min: -9, max: 9 }) })), (list) => {
        const tokens = list.map((one, position) => ({ ...one, position }));
        const words = joinSubwords(tokens);
        expect(words.flatMap((word) => word.pieces)).toEqual(tokens);
        const total = (all: readonly { relevance: number }[]) => all.reduce((sum, one) => sum + one.relevance, 0);
        expect(total(words)).toBe(total(tokens));
      }),
    );
  });

  test('an unknown style', () => {
    // What a call from JavaScript may hand over.
    expect(() => joinSubwords(scores(['a', 'b']), { style: 'wordpieces' as SubwordStyle })).toThrow(InputError);
  });
});

describe('columns', () => {
  test.each([
    ['abc', 3],
    ['日本', 4],
    ['e\u0301', 1],
    ['🙂', 2],
    ['한국', 4],
  ])('%s takes %i', (text, columns) => expect(columnsOf(text)).toBe(columns));

  test('cutting keeps every letter and the width', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 2, max: 9 }), (text, most) => {
        const parts = cutColumns(text, most);
        expect(parts.join('')).toBe(text);
        for (const part of parts) expect(columnsOf(part)).toBeLessThanOrEqual(most);
      }),
    );
  });

  test('no line is wider than asked, and no word is lost', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.integer({ min: 2, max: 30 }), (texts, width) => {
        const words = joinSubwords(scores(texts), { style: 'none' });
        const lines = linesOf(words, width);
        for (const line of lines) {
          const last = line.at(-1);
          expect((last?.column ?? 0) + (last?.columns ?? 0)).toBeLessThanOrEqual(width);
        }
        const shown = new Set(lines.flat().map(({ word }) => word));
        for (const word of words) if (word.token.trim() !== '') expect(shown.has(word)).toBe(true);
      }),
    );
  });
});

const HOSTILE = [
  '<img src=x onerror=globalThis.hit=1>',
  '"><script>globalThis.hit=1</script>',
  "' onmouseover='globalThis.hit=1",
  '</title></svg><svg onload=globalThis.hit=1>',
  ']]>&lt;',
  '\u001b[2J\u001b]0;gone\u0007',
  '\u202Egnp.exe',
  '\uD800',
  '\u0000',
  '-->',
];

/** Tags of a text, without their attributes. */
function tagsOf(markup: string): Set<string> {
  return new Set([...markup.matchAll(/<\/?([a-zA-Z]+)/g)].map(([, tag]) => (tag ?? '').toLowerCase()));
}

describe('hostile tokens are shown, not run', () => {
  const tokens = scores(HOSTILE);

  test('HTML has only its own tags', () => {
    const allowed = ['figure', 'figcaption', 'p', 'span', 'br', 'svg', 'rect', 'lineargradient', 'stop', 'text'];
    expect(
      [...tagsOf(tokensHtml(tokens, { caption: HOSTILE[0] ?? '' }))].filter((tag) => !allowed.includes(tag)),
    ).toEqual([]);
  });

  test('SVG has only its own tags, no forbidden character, and every quote is closed', () => {
    const { svg } = tokensSvg(tokens, { caption: HOSTILE[1] ?? '', unit: HOSTILE[2] ?? '' });
    const allowed = ['svg', 'rect', 'image', 'text', 'g', 'title'];
    expect([...tagsOf(svg)].filter((tag) => !allowed.includes(tag))).toEqual([]);
    expect(svg).toMatch(/^[\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]*$/u);
    expect(svg.replace(/<[a-z]+(?: [a-zA-Z:-]+="[^"<]*")*\/?>|<\/[a-z]+>/g, '')).not.toMatch(/[<>"']/);
  });

  test('the terminal gets no escape but for colours', () => {
    for (const palette of ['true-colour', '256', 'none'] as const) {
      const text = tokensAnsi(tokens, { palette });
      const rest = text
        .split('\u001b')
        .slice(1)
        .filter((part) => !/^\[[\d;]*m/.test(part));
      expect(rest).toEqual([]);
      expect([...text].filter((letter) => letter < ' ' && letter !== '\n' && letter !== '\u001b')).toEqual([]);
    }
  });

  test('whatever the tokens are', () => {
    const unit = fc.oneof(
      fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
      fc.constantFrom('<', '>', '"', "'", '&', '</', '<!--', ']]>', '<script>', '\n', '##', 'Ġ', '▁', '\u001b[2J'),
    );
    const token = fc.array(unit, { maxLength: 12 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.array(token, { maxLength: 8 }), token, (texts, caption) => {
        const list = scores(texts);
        const { svg } = tokensSvg(list, { caption, columns: 20 });
        for (const markup of [tokensHtml(list, { caption }), svg]) {
          expect(markup.replace(/<\/?[a-zA-Z]+(?: [a-zA-Z:-]+="[^"<]*")*\/?>/g, '')).not.toMatch(/[<>]/);
          expect(markup).toMatch(/^[\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]*$/u);
        }
        const controls = [...tokensAnsi(list, { palette: 'none' })].filter((letter) => letter < ' ' && letter !== '\n');
        expect(controls).toEqual([]);
      }),
    );
  });

  test('in a real page nothing runs and the token reads as it is', () => {
    if (typeof document === 'undefined') return;
    const host = document.createElement('div');
    document.body.append(host);
    host.innerHTML = tokensHtml(tokens, { join: false }) + tokensSvg(tokens).svg;
    expect(host.querySelectorAll('img, script, [onerror], [onload], [onmouseover]')).toHaveLength(0);
    expect(host.textContent).toContain(HOSTILE[0]);
    expect('hit' in globalThis).toBe(false);
    host.remove();
  });
});

describe('numbers', () => {
  test('on hover and for screen readers, pieces included', () => {
    const html = tokensHtml(scores(['un', '##able', 'x'], (index) => [1, -3, 4][index] ?? 0));
    expect(html).toContain('title="−2 = un +1, ##able −3"');
    expect(html).toContain('> (−2)</span>');
    expect(html).toContain('title="+4"');
    const { svg, alt } = tokensSvg(scores(['a', 'b']), { unit: 'relevance, in units of the logit' });
    expect(svg).toContain('<title>+2</title>');
    expect(alt).toBe(
      'Text of 2 words coloured by relevance, in units of the logit, +3 in all. Strongest: “b” +2, “a” +1.',
    );
  });

  test('without colours the number stands behind the word', () => {
    expect(
      tokensAnsi(
        scores(['good', 'bad'], (index) => [2, -1][index] ?? 0),
        { palette: 'none' },
      ),
    ).toBe('good(+2) bad(−1)\n−2 to 2  relevance; ends at the largest value');
  });

  test('colours of the terminal: blue below zero, red above', () => {
    const text = tokensAnsi(scores(['good', 'bad'], (index) => [2, -2][index] ?? 0));
    expect(text).toContain('\u001b[48;2;103;0;31;38;2;255;255;255mgood\u001b[0m');
    expect(text).toContain('\u001b[48;2;5;48;97;38;2;255;255;255mbad\u001b[0m');
  });

  test('line feeds break lines', () => {
    const tokens = scores(['a', 'Ċ', 'Ġb'], () => 1);
    expect(tokensAnsi(tokens, { palette: 'none' }).split('\n').slice(0, 2)).toEqual(['a(+1)', '(+1) b(+1)']);
    expect(tokensHtml(tokens)).toContain('<br>');
  });

  test('of the scale that was asked for', () => {
    expect(tokensAnsi(scores(['a', 'b']), { palette: 'none', scale: { limit: 1.5 } })).toContain('−1.5 to ≥ 1.5');
  });
});

test('what cannot be drawn is an error', () => {
  expect(() => tokensHtml(scores(['a'], () => Number.NaN))).toThrow(NumericsError);
  expect(() => tokensSvg(scores(['a']), { columns: 1 })).toThrow(InputError);
  expect(() => tokensAnsi(scores(['a']), { columns: 2.5 })).toThrow(InputError);
});

test('a text that nobody can read is refused', () => {
  const long = [{ token: 'x'.repeat(2_000_001), position: 0, relevance: 1 }];
  for (const draw of [tokensHtml, tokensSvg, tokensAnsi]) {
    expect(() => draw(long)).toThrow('The text has 2000001 letters; a picture takes up to 2000000.');
  }
});

test('no tokens make an empty picture', () => {
  expect(tokensHtml([])).toContain('<p');
  expect(tokensSvg([]).svg).toContain('<svg');
  expect(tokensAnsi([])).toContain('zero everywhere');
});

test('a long document is wrapped and drawn in time that grows with its length', () => {
  const words = scores(
    Array.from({ length: 60_000 }, (_, index) => `word${index % 97}`),
    (index) => Math.sin(index),
  );
  const { svg, width, height } = tokensSvg(words);
  expect(width).toBeLessThan(800);
  expect(height).toBeGreaterThan((60_000 / 13) * 26 * 0.8);
  expect(svg.match(/<g>/g)).toHaveLength(60_000);
});

test('straight from an explanation', async () => {
  const model = sequential({
    layers: [
      layers.flatten({ inputShape: [3, 1] }),
      layers.dense({ units: 1, useBias: false, kernelInitializer: 'ones' }),
    ],
  });
  const input = tf.tensor([1, -2, 3], [3, 1]);
  const explanation = explain(model, input, 'epsilon');
  const before = tf.memory().numTensors;
  const text = tokensAnsi(await tokenRelevance(explanation, ['a', 'b', 'c']), { palette: 'none' });
  expect(tf.memory().numTensors).toBe(before);
  expect(text.split('\n')[0]).toBe('a(+1) b(−2) c(+3)');
  explanation.dispose();
  input.dispose();
  model.dispose();
});

test('the colour bar of HTML has the colours of its scale from end to end, and colours of its own name', () => {
  const stopsOf = (html: string) => [...html.matchAll(/stop-color="(#[0-9a-f]{6})"/g)].map(([, colour]) => colour);
  const idsOf = (html: string) =>
    [/linearGradient id="([^"]+)"/, /fill="url\(#([^)]+)\)"/].map((id) => id.exec(html)?.[1]);
  const list = scores(['a', 'b']);
  const signed = tokensHtml(list);
  const stops = stopsOf(signed);
  const { colour } = colourMap('blue-red');
  expect([stops[0], stops[(stops.length - 1) / 2], stops.at(-1)]).toEqual(
    [-1, 0, 1].map((share) => cssColour(colour(share))),
  );
  const other = tokensHtml(list, { colours: 'viridis' });
  const { colour: size } = colourMap('viridis');
  expect([stopsOf(other)[0], stopsOf(other).at(-1)]).toEqual([0, 1].map((share) => cssColour(size(share))));
  const ids = [signed, other].map(idsOf);
  for (const [drawn, used] of ids) expect(used).toBe(drawn);
  expect(ids[0]).not.toEqual(ids[1]);
});
