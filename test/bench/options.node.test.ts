import { describe, expect, test } from 'vitest';
import { readOptions } from '../../bench/options.js';

describe('options of the bench', () => {
  test('have defaults: the table of all rows at full width on wasm', () => {
    const options = readOptions([]);
    expect(options).toMatchObject({ all: false, runs: 5, settle: 3, batch: 1, backend: 'wasm', width: 1, instead: [] });
    expect(options.only.test('VGG16 epsilon')).toBe(true);
    expect(options.json).toBeUndefined();
  });

  test('are read from the command line', () => {
    const options = readOptions([
      '--only',
      'TCN',
      '--runs=2',
      '--width',
      '0.25',
      '--live',
      '--growth',
      '--json',
      'a.json',
    ]);
    expect(options).toMatchObject({ runs: 2, width: 0.25, instead: ['growth', 'live'], json: 'a.json' });
    expect(options.only.test('LSTM epsilon')).toBe(false);
  });

  test.each([
    [['--backend', 'gpu'], /no backend "gpu"/],
    [['--runs', '0'], /--runs must be a number above 0, received "0"/],
    [['--batch', '1.5'], /--batch must be a whole number, received "1.5"/],
    [['--width', 'half'], /--width must be a number above 0, received "half"/],
    [['--speed'], /--speed/],
  ])('%j is refused with the list of options', (args, message) => {
    expect(() => readOptions(args)).toThrow(message);
    expect(() => readOptions(args)).toThrow('npm run bench -- [options]');
  });
});
