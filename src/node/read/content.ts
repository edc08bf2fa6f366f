/** A picture as decoded, transparency laid on white. */
export interface PictureContent {
  readonly kind: 'picture';
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  /** Values from 0 to 255, row by row, the channels of a pixel side by side. */
  readonly data: Uint8Array;
}

/** Numbers with a shape. */
export interface NumberContent {
  readonly kind: 'numbers';
  readonly shape: readonly number[];
  readonly data: Float32Array;
  /** Names of the last axis, such as the head of a table. */
  readonly names?: readonly string[];
}

/** Bytes without a shape of their own. */
export interface ByteContent {
  readonly kind: 'bytes';
  readonly data: Uint8Array;
}

/** A text. */
export interface TextContent {
  readonly kind: 'text';
  readonly text: string;
}

/** What a file holds, before it is known what the model wants. */
export type Content = PictureContent | NumberContent | ByteContent | TextContent;
