import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import { it } from 'vitest';
import { TransformerDecoder } from '@tensorflow/tfjs-layers/dist/layers/nlp/modeling/transformer_decoder';
import { MultiHeadAttention } from '@tensorflow/tfjs-layers/dist/layers/nlp/multihead_attention';
import { CachedMultiHeadAttention } from '@tensorflow/tfjs-layers/dist/layers/nlp/modeling/cached_multihead_attention';
import { GPT2Backbone } from '@tensorflow/tfjs-layers/dist/layers/nlp/models/gpt2/gpt2_backbone';
import { StartEndPacker } from '@tensorflow/tfjs-layers/dist/layers/nlp/preprocessing/start_end_packer';
import { RandomHeight } from '@tensorflow/tfjs-layers/dist/layers/preprocessing/random_height';
import { input, model } from '@tensorflow/tfjs-layers/dist/exports';
import * as L from '@tensorflow/tfjs-layers/dist/exports_layers';
const attempt = (name: string, f: () => unknown) => {
  try { const r: any = f(); console.log(name, 'ok', r?.shape ? JSON.stringify(r.shape) + (r.dataSync ? ' ' + r.dataSync().slice(0,6) : '') : Array.isArray(r) || typeof r !== 'object' ? String(r).slice(0,600) : typeof r); return r; } catch (e) { console.log(name, 'FAIL', (e as Error).message.slice(0, 300)); }
};
it('x', () => {
  const x = tf.randomNormal([2, 3, 4]);
    const s = input({ shape: [3, 4] });
  for (const normalizeFirst of [true, false]) {
    const td = new TransformerDecoder({ intermediateDim: 5, numHeads: 2, normalizeFirst });
    attempt('td apply', () => td.apply(x));
    attempt('td call', () => td.call(x, {}));
    attempt('td call causal', () => td.call(x, {useCausalMask: true}));
    attempt('td call pad', () => td.call(x, {decoderPaddingMask: tf.tensor2d([[1,1,0],[1,1,1]])}));
    attempt('td call pad list', () => td.call([x] as any, {decoderPaddingMask: tf.tensor2d([[1,1,0],[1,1,1]])}));
    const z = attempt('td sym', () => td.apply(s, {}));
    const mm: any = attempt('td model', () => model({ inputs: s, outputs: z }));
    attempt('td predict', () => mm.predict(x));
    attempt('td model.apply kwargs', () => mm.apply(x, {useCausalMask: true}));
  }
  attempt('class', () => new CachedMultiHeadAttention({numHeads: 2, keyDim: 2}).getClassName());
  const g: any = attempt('gpt', () => new GPT2Backbone({vocabularySize: 10, numLayers: 1, numHeads: 2, hiddenDim: 4, intermediateDim: 5, maxSequenceLength: 6} as any));
  attempt('gpt cls', () => g.getClassName());
  const tok = tf.tensor2d([[1,2,3,0]], [1,4], 'int32'); const pad = tf.tensor2d([[1,1,1,0]], [1,4], 'int32');
  attempt('gpt predict', () => g.predict([tok, pad]));
  attempt('gpt apply', () => g.apply([tok, pad]));
  const m = tf.serialization.SerializationMap.getMap().classNameMap;
  console.log(Object.entries(m).filter(([,v])=>(v[0] as any).prototype.call).map(([k])=>k).join(' '));
  const mask = input({ shape: [3, 3] });
  const mha = new MultiHeadAttention({ numHeads: 2, keyDim: 3 });
  const y = mha.apply(s, { value: s, attentionMask: mask }) as any;
  attempt('model with mask', () => model({ inputs: [s, mask], outputs: y }));
  attempt('mha list call', () => mha.call([x, x] as any, { value: x }));
  attempt('mha single list call', () => mha.call([x] as any, { value: x }));
  // category encoding
  for (const mode of ['oneHot', 'multiHot', 'count', 'tfIdf', 'int']) {
    const ce = L.categoryEncoding({ numTokens: 5, outputMode: mode as any });
    attempt('ce ' + mode, () => ce.apply(tf.tensor2d([[1, 2, 2], [0, 4, 4]])));
    attempt('ce1 ' + mode, () => ce.apply(tf.tensor2d([[1], [3]])));
    attempt('ce 1d ' + mode, () => ce.apply(tf.tensor1d([1, 3])));
    const i = input({ shape: [3] });
    const o = attempt('ce sym', () => ce.apply(i));
    const cm: any = attempt('cem', () => model({ inputs: i, outputs: o }));
    attempt('cem pred', () => cm.predict(tf.tensor2d([[1, 2, 2], [0, 4, 4]])));
  }
  const rw = L.randomWidth({ factor: 0.5 });
  attempt('rw', () => rw.apply(tf.randomNormal([1, 4, 6, 2])));
  attempt('rw training false', () => rw.apply(tf.randomNormal([1, 4, 6, 2]), { training: false }));
  const ii = input({ shape: [4, 6, 2] });
  const ro: any = attempt('rw sym', () => rw.apply(ii));
  const rm: any = attempt('rwm', () => model({ inputs: ii, outputs: ro }));
  attempt('rwm pred', () => rm.predict(tf.randomNormal([1, 4, 6, 2])));
  attempt('rwm apply', () => rm.apply(tf.randomNormal([1, 4, 6, 2])));
  const rh = new RandomHeight({ factor: 0.5 } as any);
  const ho: any = attempt('rh sym', () => rh.apply(ii));
  const hm: any = attempt('rhm', () => model({ inputs: ii, outputs: ho }));
  attempt('rhm pred', () => hm.predict(tf.randomNormal([1, 4, 6, 2])));
  const sp: any = attempt('sep', () => new StartEndPacker({sequenceLength: 5, startValue: 1, endValue: 2} as any).apply(input({shape: [3]})));
  attempt('sep run', () => model({inputs: sp.inputs, outputs: sp}));
});
