// What `--help` teaches besides the options.

export const GENERAL = `
Examples:
  $ npx tfjs-lrp plan my-model                                   what would be done
  $ npx tfjs-lrp explain my-model cat.jpg --scale 1/255 --out heatmap.png
  $ npx tfjs-lrp check my-model cat.jpg --scale 1/255            does all of the relevance add up?
  $ npx tfjs-lrp explain --help                                  all about inputs, targets, pictures

Models are layers models as TensorFlow.js saves them: a folder with model.json, or the path of such a file.

Exit codes: 0 done, 1 the check failed, 2 wrong use, 3 model or input cannot be read, 4 cannot be explained as asked,
5 NaN or infinity appeared, 70 a bug, 130 interrupted.`;

export const EXPLAIN = `
Inputs, by the ending of their names:
  .png .jpg      a picture: cut to its centre, resized, then value * SCALE + OFFSET
  .npy .csv      numbers: one sample, or several (--sample N); a first row of names is the head
  .json          lists of numbers, or a text; data.json#/3/path takes a part of it
  .u8            raw bytes of one sample or several
  .txt           a text; needs --vocabulary

What a model wants done to its inputs may lie beside it as preprocessing.json, with the names of the options:
  {"scale": "1/127.5", "offset": -1, "labels": "classes.json"}
  {"vocabulary": "words.csv", "unknown": 0, "padding": "left"}

Examples:
  $ npx tfjs-lrp explain vgg bus.jpg --scale 1/255 --out bus.png --plan --ledger
  $ npx tfjs-lrp explain vgg bus.jpg --scale 1/255 --target "red fox" --against "grey fox"
  $ npx tfjs-lrp explain sentiment --text "not a great film" --vocabulary words.csv --out words.html
  $ npx tfjs-lrp explain gestures paths.json#/0/points --features x,y,speed --top 5
  $ npx tfjs-lrp explain two-inputs left=a.npy right=b.npy --out left=left.png --json all.json`;

export const PLAN = `
Examples:
  $ npx tfjs-lrp plan my-model
  $ npx tfjs-lrp plan my-model --rules epsilon-gamma-box --input-range 0,1
  $ npx tfjs-lrp plan my-model --setup my-layers.js              with layers of your own`;

export const CHECK = `
The exit code is 0 when every step accounts for all of its relevance and computes what its layer computes, and 1 when not.
Inputs and targets are as for explain.

Examples:
  $ npx tfjs-lrp check my-model sample.npy
  $ npx tfjs-lrp check my-model cat.jpg --scale 1/255 --rules epsilon-plus`;

export const BENCH = `
Examples:
  $ npx tfjs-lrp bench my-model
  $ npx tfjs-lrp bench my-model --rules epsilon --rules epsilon-plus --runs 20 --batch 4`;
