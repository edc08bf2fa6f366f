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

/** Class names of all layers that run a cell over time. */
export const RECURRENT: readonly string[] = ['RNN', 'SimpleRNN', 'GRU', 'LSTM', 'ConvLSTM2D'];
