// Draws some sentences of the polarity example, each word in the colour of what it earned.
// Run: npx tsx examples/polarity/draw.ts
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { randomLcg } from 'd3-random';
import { explain, type TokenScore, tokenRelevance } from '../../src/index.js';
import { tokensSvg, unitOf } from '../../src/render/index.js';
import { useWasm } from '../lib/backend.js';
import { beside } from '../lib/beside.js';
import { loadFrom } from '../lib/file-system.js';
import { writePicture } from '../lib/write-picture.js';
import { sentences, tokensOf } from './generate.js';
import { networkNames, rules } from './networks.js';

const count = 5;
/** That of the printed report: these are its first sentences. */
const seed = 0.77;
const here = beside(import.meta.url);

await useWasm();
const drawn = sentences(count, randomLcg(seed));
for (const name of networkNames) {
  const model = await loadLayersModel(loadFrom(here(`${name}/model`)));
  const explanation = explain(model, tokensOf(drawn), rules[name]);
  const scored: TokenScore[] = [];
  for (const [sample, { tokens }] of drawn.entries()) {
    scored.push(...(await tokenRelevance(explanation, tokens, { sample })));
    scored.push({ token: '.', position: scored.length, relevance: 0 });
  }
  const caption = `What speaks for a positive sentence (red) and against it (blue): ${name}, ${rules[name]}`;
  await writePicture(
    here(`${name}/picture.png`),
    tokensSvg(scored, { caption, join: false, unit: unitOf(explanation) }),
  );
  explanation.dispose();
}
