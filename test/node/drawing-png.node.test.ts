// Charts as PNG: by a package that may be missing, with fonts that may be missing.
import { afterEach, describe, expect, test, vi } from 'vitest';
import { InputError } from '../../src/index.js';
import { drawingPng } from '../../src/node/drawing-png.js';
import { loadPackage } from '../../src/node/load-package.js';
import { readPng } from '../../src/node/read/png.js';
import { type Drawing, tokensSvg } from '../../src/render/index.js';

vi.mock(import('../../src/node/load-package.js'), async (original) => {
  const module = await original();
  return { ...module, loadPackage: vi.fn(module.loadPackage) };
});
const load = vi.mocked(loadPackage);
afterEach(() => load.mockReset());

const red: Drawing = {
  width: 30,
  height: 20,
  alt: 'a red half',
  svg: '<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20" viewBox="0 0 30 20"><rect width="30" height="20" fill="#ffffff"/><rect width="15" height="20" fill="#ff0000"/></svg>',
};

async function refusal(work: () => Promise<unknown>): Promise<string> {
  const error: unknown = await work().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(InputError);
  return error instanceof Error ? error.message : '';
}

/** What is loaded in place of the package: a letter is a few bytes. */
function fakeSharp(letterBytes: (svg: string) => string) {
  load.mockResolvedValue({
    default: (svg: Buffer) => ({ png: () => ({ toBuffer: async () => Buffer.from(letterBytes(svg.toString())) }) }),
  });
}

describe('a chart as PNG', () => {
  test.each([1, 2, 2.5])('has %d pixels per CSS pixel', async (ratio) => {
    // A machine without fonts draws it as well.
    const { default: sharp } = await import('sharp');
    load.mockResolvedValue({
      default: (svg: Buffer, options: object) =>
        svg.includes('<text') ? { png: () => ({ toBuffer: async () => svg }) } : sharp(svg, options),
    });
    const { width, height, data } = await readPng(new Uint8Array(await drawingPng(red, ratio)), 'red');
    expect([width, height]).toEqual([30 * ratio, 20 * ratio]);
    const at = (x: number, y: number) => [...data.slice(3 * (y * width + x), 3 * (y * width + x) + 3)];
    expect([at(2, 2), at(width - 3, height - 3)]).toEqual([
      [255, 0, 0],
      [255, 255, 255],
    ]);
  });

  test('says what is missing and what to do', async () => {
    const absent = Object.assign(new Error("Cannot find package 'sharp'"), { code: 'ERR_MODULE_NOT_FOUND' });
    load.mockRejectedValue(absent);
    expect(await refusal(() => drawingPng(red))).toBe(
      'Charts are drawn as PNG by the package sharp, which is not installed. Run: npm install sharp. Or take SVG, which needs nothing.',
    );
    load.mockRejectedValue(new Error('Could not load the "sharp" module\nPossible solutions: ...'));
    expect(await refusal(() => drawingPng(red))).toContain(
      'which does not start (Could not load the "sharp" module). Run:',
    );
  });

  test('is refused where all letters look alike', async () => {
    fakeSharp(() => 'box');
    expect(await refusal(() => drawingPng(red))).toMatch(/the system has no fonts.*Install some.*Or take SVG/);
    fakeSharp((svg) => svg);
    expect(new TextDecoder().decode(await drawingPng(red))).toBe(red.svg);
  });

  test('has a sensible number of pixels', async () => {
    for (const ratio of [0, -1, Number.NaN, 1e4]) {
      expect(await refusal(() => drawingPng(red, ratio))).toContain(`with ${ratio} pixels per CSS pixel`);
    }
    expect(load).not.toHaveBeenCalled();
  });
});

test('what draws itself needs no package', async () => {
  const figure = tokensSvg([{ token: 'word', position: 0, relevance: 1 }]);
  expect(await drawingPng(figure)).toEqual(figure.png());
  expect(load).not.toHaveBeenCalled();
});
