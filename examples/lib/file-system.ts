// Loads and saves layers models in a folder: `tfl.loadLayersModel(loadFrom(path))`, `model.save(saveTo(folder))`.
export { fileSystem as loadFrom, fileSystem as saveTo } from '../../src/node/file-system.js';
