import { expect, test, vi } from 'vitest';
import { withoutIdleWarnings } from '../../../src/node/cli/idle-warnings.js';

test('only what nobody can act on is left out, and only while the work lasts', async () => {
  const heard = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const old =
    '`implementation=0` has been deprecated, and now defaults to `implementation=1`. Please update your layer call.';
  const answer = await withoutIdleWarnings(async () => {
    console.warn(old);
    console.warn('The kernel "x" is slow', 5);
    return 'done';
  });
  expect(answer).toBe('done');
  expect(heard.mock.calls).toEqual([['The kernel "x" is slow', 5]]);
  await expect(withoutIdleWarnings(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  console.warn(old);
  expect(heard).toHaveBeenCalledTimes(2);
  heard.mockRestore();
});
