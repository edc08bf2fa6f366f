import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-backend-cpu';
import { plan } from '../src/index.js';
const backend = process.argv[2] ?? 'wasm';
await tf.setBackend(backend); await tf.ready(); tf.enableProdMode();
const cpu = () => { const u = process.cpuUsage(); return (u.user + u.system) / 1000; };
for (const [units, T] of [[64, 100], [64, 1000]] as const) {
  const model = tfl.sequential({ layers: [tfl.layers.lstm({ units, inputShape: [T, 16], recurrentInitializer: 'glorotNormal', recurrentActivation: 'sigmoid' }), tfl.layers.dense({ units: 2 })] });
  const x = tf.randomNormal([1, T, 16]);
  const made = plan(model, 'recurrent');
  const run = () => { const e = made.explain(x, { keep: 'inputs', ledger: process.argv[3] !== 'noledger' }); e.outputs[0]?.value.dataSync(); e.inputs[0]?.relevance.dataSync(); e.dispose(); };
  const pred = () => { const y = model.predict(x) as tf.Tensor; y.dataSync(); y.dispose(); };
  pred(); run();
  const n = T > 500 ? 3 : 10;
  let p = Infinity, e = Infinity;
  for (let i = 0; i < n; i++) { let a = cpu(); pred(); p = Math.min(p, cpu() - a); a = cpu(); run(); e = Math.min(e, cpu() - a); }
  // peak bytes
  const base = tf.memory().numBytes; let peak = 0, peakN = 0; const baseN = tf.memory().numTensors;
  const ex = await made.explainAsync(x, { keep: 'inputs', onProgress: () => { peak = Math.max(peak, tf.memory().numBytes - base); peakN = Math.max(peakN, tf.memory().numTensors - baseN); } });
  ex.dispose();
  console.log(backend, { T, predict: p.toFixed(1), explain: e.toFixed(1), ratio: (e / p).toFixed(2), perStepUs: (e / T * 1000).toFixed(0), peakKB: (peak / 1024).toFixed(0), peakPerStepB: (peak / T).toFixed(0), peakN });
  made.dispose(); model.dispose(); x.dispose();
}
