import { describe, expect, test } from 'vitest';
import { type Address, formatAddress, parseAddress } from '../src/index.js';

const ADDRESSES: [string, Address][] = [
  ['dense_1', { path: [], layer: 'dense_1', call: 0 }],
  ['dense_1#2', { path: [], layer: 'dense_1', call: 2 }],
  ['dense_1:activation', { path: [], layer: 'dense_1', call: 0, role: 'activation' }],
  ['encoder/dense_1', { path: ['encoder'], layer: 'dense_1', call: 0 }],
  ['encoder#1/block/dense_1#12:gate', { path: ['encoder#1', 'block'], layer: 'dense_1', call: 12, role: 'gate' }],
  ['lstm:forward:gate', { path: [], layer: 'lstm', call: 0, role: 'forward:gate' }],
];

describe.each(ADDRESSES)('%s', (text, address) => {
  test('is printed', () => expect(formatAddress(address)).toBe(text));
  test('is read', () => expect(parseAddress(text)).toEqual(address));
});

test('the number of the first call may be written out', () => {
  expect(parseAddress('encoder#0/dense_1#0:gate')).toEqual(parseAddress('encoder/dense_1:gate'));
  expect(parseAddress('encoder#10/dense_1#0').path).toEqual(['encoder#10']);
});

test.each(['', 'encoder/', 'dense#', 'dense#x', '#1', ':gate', 'dense:'])('"%s" is no address', (text) => {
  expect(() => parseAddress(text)).toThrow(`"${text}" is no address.`);
});

test('the error shows the form', () => {
  expect(() => parseAddress('encoder/')).toThrowErrorMatchingInlineSnapshot(
    `[MatchError: "encoder/" is no address. Expected path/layer#call:role, such as "encoder/dense_1#0:activation".]`,
  );
});
