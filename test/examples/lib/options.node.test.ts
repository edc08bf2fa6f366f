import { expect, test } from 'vitest';
import { readOptions } from '../../../examples/lib/options.js';

test('without arguments the shapes example is explained', () => {
  const options = readOptions([]);
  expect(options).toMatchObject({ rules: 'epsilon-gamma-box', out: 'heatmap.png', quantile: 0.995 });
  expect(options?.model).toMatch(/shapes.model$/);
  expect(options?.picture).toMatch(/shapes.picture\.png$/);
  expect(options?.mask).toMatch(/shapes.picture-mask\.png$/);
  expect(options?.labels).toMatch(/shapes.model.labels\.json$/);
  expect(options?.normalisation).toEqual({ scale: 1 / 127.5, offset: -1 });
});

test('a model of the user brings no mask', () => {
  const options = readOptions(['m/model.json', 'p.jpg', '--target', '3', '--scale', '1/255', '--offset', '-0.5']);
  expect(options).toMatchObject({ model: 'm/model.json', picture: 'p.jpg', target: 3 });
  expect(options?.normalisation).toEqual({ scale: 1 / 255, offset: -0.5 });
  expect(options).not.toHaveProperty('mask');
  expect(options).not.toHaveProperty('labels');
});

test('help', () => expect(readOptions(['--help'])).toBeNull());

test.each([
  [['model'], 'A picture for this model is missing'],
  [['a', 'b', 'c'], 'also got c'],
  [['--scale', 'large'], '--scale takes a number or a fraction such as 1/255, got "large"'],
  [['--scale', '1/0'], '--scale takes'],
  [['--target', '-1'], '--target takes the number of an output unit, from 0, got "-1"'],
  [['--colour'], "Unknown option '--colour'"],
])('%j is refused', (args, message) => expect(() => readOptions(args)).toThrow(message));
