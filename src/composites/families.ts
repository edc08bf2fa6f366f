/** Class names of all convolutions of tfjs-layers, transposed and separable ones included. */
export const CONVOLUTIONS: readonly string[] = [
  'Conv1D',
  'Conv2D',
  'Conv3D',
  'DepthwiseConv2D',
  'SeparableConv2D',
  'Conv2DTranspose',
  'Conv3DTranspose',
];
