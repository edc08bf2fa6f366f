/**
 * Pictures of relevance, in browsers and in Node, without a DOM.
 *
 * @packageDocumentation
 */

export { absorbedOf, describeArrival, mostlyAbsorbed } from './absorbed.js';
export { type BarOptions, topBars, type WaterfallOptions, waterfall } from './charts/bars.js';
export { type BeeswarmOptions, beeswarm } from './charts/beeswarm.js';
export type { ChartOptions } from './charts/chart.js';
export { type Feature, type FeatureOptions, featureRelevance, type Matrix } from './charts/features.js';
export { isSequence, type SequenceOptions, sequenceChart } from './charts/sequence.js';
export { type SeriesOptions, seriesChart } from './charts/series.js';
export { type TimeFeatureOptions, timeFeatureHeatmap } from './charts/time-feature.js';
export { type ColourMap, type ColourMapName, colourMap, cssColour, type Rgb, textColour } from './colour-map.js';
export { type Display, type Displayer, display, type Showable, show } from './display.js';
export { type FlowOptions, flowDiagram } from './flow/flow-diagram.js';
export type { FlowSource } from './flow/flow-graph.js';
export { drawOnCanvas, toImageData } from './image/canvas.js';
export { perLayer, perSample } from './image/cells.js';
export { type GridCell, type GridOptions, heatmapGrid } from './image/grid.js';
export {
  type Explained,
  type HeatmapOptions,
  heatmap,
  type MapOptions,
  type PanelKind,
  unitOf,
} from './image/heatmap.js';
export { type PictureOptions, type PictureSource, type PixelData, readPicture } from './image/picture.js';
export { type ImageAxes, type Plane, type PlaneOptions, type Pooling, readPlanes } from './image/plane.js';
export { encodePng, pngDataUrl } from './image/png.js';
export { type OverlayOptions, overlayPlane, paintPlane, type Raster } from './image/raster.js';
export type { InputView } from './report/input-pictures.js';
export { type ReportOptions, report } from './report/report.js';
export { colourOf, type Scale, type ScaleChoice, type ScaleOptions, scaleOf } from './scale.js';
export type { Drawing, Figure } from './scene/figure.js';
export type { TextOptions } from './text/options.js';
export { joinSubwords, type SubwordOptions, type SubwordStyle, type Word } from './text/subwords.js';
export { type TokensAnsiOptions, tokensAnsi } from './text/tokens-ansi.js';
export { tokensHtml } from './text/tokens-html.js';
export { type TokensSvgOptions, tokensSvg } from './text/tokens-svg.js';
