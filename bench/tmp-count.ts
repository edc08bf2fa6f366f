import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-cpu';
import { plan } from '../src/index.js';
await tf.setBackend('cpu'); tf.enableProdMode();
const count = async (f: () => void) => { const p = await tf.profile(() => { f(); return tf.scalar(0); }); const m = new Map<string, number>(); for (const k of p.kernels) m.set(k.name, (m.get(k.name) ?? 0) + 1); return m; };
const made = async (T: number) => {
  const model = tfl.sequential({ layers: [tfl.layers.lstm({ units: 8, inputShape: [T, 4], recurrentInitializer: 'glorotNormal', recurrentActivation: 'sigmoid' }), tfl.layers.dense({ units: 2 })] });
  const x = tf.randomNormal([1, T, 4]); const p = plan(model, 'recurrent');
  const e = (ledger: boolean) => count(() => p.explain(x, { keep: 'inputs', ledger }).dispose());
  p.explain(x).dispose();
  return { predict: await count(() => { (model.predict(x) as tf.Tensor).dispose(); }), full: await e(true), bare: await e(false) };
};
const [a, b] = [await made(20), await made(40)];
for (const key of ['predict', 'full', 'bare'] as const) {
  const names = new Set([...a[key].keys(), ...b[key].keys()]);
  const per = [...names].map((n) => [n, ((b[key].get(n) ?? 0) - (a[key].get(n) ?? 0)) / 20] as const).filter(([, v]) => v > 0).sort((p, q) => q[1] - p[1]);
  console.log(key, per.reduce((s, [, v]) => s + v, 0).toFixed(1), per.map(([n, v]) => `${n}:${v.toFixed(1)}`).join(' '));
}
