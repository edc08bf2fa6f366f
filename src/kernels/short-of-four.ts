import { kernelChoices } from './choices.js';

// wasm's average pooling, and its convolution with padding, keep zeros of `4 channels + 16` bytes that start on a multiple of
// 16. Where the allocator of tfjs 4.22 has no room for them it gets 48 bytes more from the end of the heap: 4 too few if that
// is a multiple of 16. Then it gets as many again, and with 3, 7, 11 … channels that never helps: it goes on for some
// 15 seconds until all 4 GiB are gone, and the backend with them.

/** Whether planes of so many channels must not be averaged, nor padded by a convolution. */
export function isShortOfFour(channels: number): boolean {
  return channels % 4 === 3 && kernelChoices().shortOfFour === 'composed';
}
