import { cssColour, readColours } from '../colour-map.js';
import { attributes, escapeMarkup } from '../escape.js';
import { formatNumber, formatSigned } from '../number.js';
import { fitText, type Mark, textWidth } from '../scene/scene.js';
import { markSvg } from '../scene/scene-svg.js';
import type { FlowEdge, FlowGraph, FlowNode } from './flow-graph.js';
import { layerGraph, type Route } from './layers.js';
import { nameLines } from './names.js';
import { placeSpots } from './place.js';

/** Size of a box, and the least room between rows. */
const BOX = { width: 224, height: 62, gap: 46 } as const;
/** Height of a line of text in a box. */
const LINE = 18;
/** Size of names, which are bold: such letters are wider than others. */
const NAME = 13.5;
/** Room for text in a box. */
const ROOM = BOX.width - 8;
/** Width of the strongest way. */
const WIDEST = 30;
/** Room right of a box for what is absorbed. */
const STUB = 34;
/** Size of the numbers on ways, and the height of the plates they stand on. */
const LABEL = { size: 11, plate: 15, room: 17 } as const;

/** A drawn flow without frame. */
export interface DrawnFlow {
  readonly width: number;
  readonly height: number;
  readonly svg: string;
}

/** Draws boxes and ways; the start stands above. */
export function drawFlow(graph: FlowGraph, quantity: string): DrawnFlow {
  const layered = layerGraph(graph, BOX.width + STUB, 2 * WIDEST);
  const { x, width } = placeSpots(layered);
  const grid = gridOf(graph);
  const top = (row: number) => grid.gap + row * (grid.height + grid.gap);
  const rowOf = new Map(layered.rows.flat().map((spot) => [spot.id, spot.row]));
  const at = (spot: string): Spot => ({ x: (x.get(spot) ?? 0) - STUB / 2, y: top(rowOf.get(spot) ?? 0) });
  const ways = [...graph.edges.map((edge) => edge.relevance), ...graph.starts.values()];
  const thick = thicknessOf(ways);
  const drawn = drawnRoutes(layered.routes, at, grid.height);
  const svg = [
    ...[...graph.starts].map(([id, start]) => startSvg(at(`node ${id}`), start, thick(start), quantity)),
    ...drawn.map((way) => routeSvg(way, thick)),
    ...graph.nodes.map((node) => nodeSvg(node, at(`node ${node.id}`), grid.height, thick)),
    ...labelsSvg(drawn),
  ];
  return { width, height: top(layered.rows.length) - grid.gap + 4, svg: svg.join('') };
}

/** How high boxes are, all alike, and how far rows stand apart: as much as the longest name and the most numbers need. */
function gridOf({ nodes, edges }: FlowGraph): { readonly height: number; readonly gap: number } {
  const names = nodes.reduce((most, { addresses }) => Math.max(most, nameLines(addresses, NAME, ROOM).length), 1);
  const groups = [...groupBy(edges, (edge) => edge.from).values()];
  const lines = groups.reduce((most, { length }) => Math.max(most, linesOfLabels(length, edges)), 1);
  return { height: BOX.height + LINE * (names - 1), gap: Math.max(BOX.gap, LABEL.room * lines + 14) };
}

interface Spot {
  readonly x: number;
  readonly y: number;
}

/** A way with the points it leads through: where it leaves a box, past rows, where it enters the box below. */
interface DrawnWay {
  readonly edge: FlowEdge;
  readonly points: readonly Spot[];
}

/** Width of a way: in proportion to its relevance, but never so thin that one cannot see it. */
function thicknessOf(ways: readonly number[]): (relevance: number) => number {
  const largest = ways.reduce((most, way) => Math.max(most, Math.abs(way)), 0);
  return (relevance) => (largest > 0 ? Math.max(1.2, (WIDEST * Math.abs(relevance)) / largest) : 1.2);
}

function wayColour(relevance: number): string {
  const colours = readColours('blue-red');
  return relevance === 0 ? '#bbbbbb' : cssColour(colours.colour(relevance > 0 ? 0.55 : -0.55));
}

/** Several ways at one side of a box stand side by side, in the order of where they lead. */
function drawnRoutes(routes: readonly Route[], at: (spot: string) => Spot, height: number): DrawnWay[] {
  const share = (side: 'out' | 'in') => {
    const places = new Map<Route, Spot>();
    const groups = groupBy(routes, ({ spots }) => (side === 'out' ? spots[0] : spots.at(-1)) ?? '');
    for (const [box, list] of groups) {
      const other = ({ spots }: Route) => at((side === 'out' ? spots[1] : spots.at(-2)) ?? '').x;
      const sorted = [...list].sort((a, b) => other(a) - other(b));
      const { x, y } = at(box);
      for (const [index, route] of sorted.entries()) {
        const across = x - BOX.width / 2 + ((index + 1) * BOX.width) / (sorted.length + 1);
        places.set(route, { x: across, y: side === 'out' ? y + height : y });
      }
    }
    return places;
  };
  const [outs, ins] = [share('out'), share('in')];
  return routes.flatMap((route) => {
    const [from, to] = [outs.get(route), ins.get(route)];
    // Past a row of boxes the way runs straight down beside them.
    const passing = route.spots.slice(1, -1).flatMap((spot) => {
      const { x, y } = at(spot);
      return [
        { x, y },
        { x, y: y + height },
      ];
    });
    return from && to ? [{ edge: route.edge, points: [from, ...passing, to] }] : [];
  });
}

function groupBy<T>(list: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of list) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}

function routeSvg({ edge, points }: DrawnWay, thick: (relevance: number) => number): string {
  const title = `${edge.from} to ${edge.to}: ${formatSigned(edge.relevance)}`;
  const look = { fill: 'none', stroke: wayColour(edge.relevance), 'stroke-width': thick(edge.relevance) };
  return `<path${attributes({ d: curve(points), ...look })}><title>${escapeMarkup(title)}</title></path>`;
}

function curve(points: readonly Spot[]): string {
  const round = (value: number) => Number(value.toFixed(1));
  return points
    .map(({ x, y }, index) => {
      const before = points[index - 1];
      if (!before) return `M${round(x)},${round(y)}`;
      if (before.x === x) return `L${round(x)},${round(y)}`;
      const middle = round((before.y + y) / 2);
      return `C${round(before.x)},${middle} ${round(x)},${middle} ${round(x)},${round(y)}`;
    })
    .join('');
}

function startSvg({ x, y }: Spot, start: number, width: number, quantity: string): string {
  const way = {
    d: `M${x},${y - BOX.gap + 20}L${x},${y}`,
    fill: 'none',
    stroke: wayColour(start),
    'stroke-width': width,
  };
  const text: Mark = {
    kind: 'text',
    x,
    y: y - BOX.gap + 14,
    text: `${quantity} ${formatNumber(start)}`,
    size: 13,
    anchor: 'middle',
    bold: true,
  };
  return `<path${attributes(way)}/>${markSvg(text)}`;
}

/** How many lines the numbers below a box need so that neighbours do not stand on each other. */
function linesOfLabels(count: number, edges: readonly FlowEdge[]): number {
  const widest = edges.reduce((most, { relevance }) => Math.max(most, plateWidth(formatSigned(relevance))), 0);
  return count < 2 ? 1 : Math.ceil((widest * (count + 1)) / BOX.width);
}

function plateWidth(text: string): number {
  return textWidth(text, LABEL.size) + 6;
}

/** The relevance of every way on a plate of its own, where a box has several; neighbours stand on different lines. */
function labelsSvg(ways: readonly DrawnWay[]): string[] {
  const edges = ways.map(({ edge }) => edge);
  return [...groupBy(ways, ({ edge }) => edge.from).values()].flatMap((siblings) => {
    if (siblings.length < 2) return [];
    const lines = linesOfLabels(siblings.length, edges);
    const sorted = [...siblings].sort((a, b) => (a.points[0]?.x ?? 0) - (b.points[0]?.x ?? 0));
    return sorted.map(({ edge, points: [out, next] }, index) => {
      const down = LABEL.room * (index % lines) + LABEL.plate;
      return out && next ? labelSvg(formatSigned(edge.relevance), pointBelow(out, next, down)) : '';
    });
  });
}

function labelSvg(text: string, { x, y }: Spot): string {
  const width = plateWidth(text);
  const plate = { x: x - width / 2, y: y - 11, width, height: LABEL.plate, rx: 3, fill: '#ffffff' };
  return `<rect${attributes(plate)}/>${markSvg({ kind: 'text', x, y, text, size: LABEL.size, anchor: 'middle' })}`;
}

/** The point of the curve from one point to the next that lies so far below the first; see {@link curve}. */
function pointBelow(from: Spot, to: Spot, down: number): Spot {
  const height = Math.max(down, to.y - from.y);
  let [early, late] = [0, 1];
  for (let step = 0; step < 20; step++) {
    const middle = (early + late) / 2;
    if (height * (1.5 * middle * (1 - middle) + middle ** 3) < down) early = middle;
    else late = middle;
  }
  const share = late ** 2 * (3 - 2 * late);
  return { x: from.x + share * (to.x - from.x), y: from.y + down };
}

function nodeSvg(node: FlowNode, { x, y }: Spot, height: number, thick: (relevance: number) => number): string {
  const left = x - BOX.width / 2;
  const box = { x: left, y, width: BOX.width, height, rx: 6, fill: '#ffffff', stroke: '#555555' };
  const border = node.isInput ? 2.5 : 1;
  const lost = node.absorbed.filter(({ relevance }) => Math.abs(relevance) > 1e-4 * Math.abs(node.received));
  const received = formatNumber(node.received);
  const names = nameLines(node.addresses, NAME, ROOM);
  const types = typesOf(node.layerTypes, 12, ROOM - textWidth(`: ${received}`, 12));
  const lines = [...names, `${types}: ${received}`, ...(lost.length > 0 ? [lostText(lost, ROOM)] : [])];
  const first = y + (height - LINE * lines.length) / 2 + 13;
  const shown = lines.map((text, row): Mark => {
    return { kind: 'text', x, y: first + LINE * row, text, size: 12, anchor: 'middle', bold: row < names.length };
  });
  const title = `<title>${escapeMarkup(titleOf(node))}</title>`;
  const stub = lost.length > 0 ? stubSvg(node, left + BOX.width, y + height / 2, thick) : '';
  return `<g>${title}${stub}<rect${attributes({ ...box, 'stroke-width': border })}/>${shown.map(markSvg).join('')}</g>`;
}

/** What was absorbed, the most first; what has no room for its number is left to the title. */
function lostText(lost: FlowNode['absorbed'], room: number): string {
  const told = [...lost]
    .sort((a, b) => Math.abs(b.relevance) - Math.abs(a.relevance))
    .map(({ name, relevance }) => `${name} ${formatSigned(relevance)}`);
  for (let count = told.length; count > 0; count--) {
    const text = [...told.slice(0, count), ...(count < told.length ? ['…'] : [])].join(', ');
    if (textWidth(text, 12) <= room) return text;
  }
  return fitText(told[0] ?? '', 12, room);
}

/** What was absorbed leaves to the right and ends there. */
function stubSvg({ absorbed }: FlowNode, x: number, y: number, thick: (relevance: number) => number): string {
  const total = absorbed.reduce((sum, { relevance }) => sum + relevance, 0);
  const width = Math.min(BOX.height, thick(total));
  const way = { d: `M${x},${y}L${x + STUB - 12},${y}`, stroke: '#999999', 'stroke-width': width };
  const end = { x: x + STUB - 12, y: y - width / 2 - 4, width: 3, height: width + 8, fill: '#555555' };
  return `<path${attributes(way)}/><rect${attributes(end)}/>`;
}

/** The class of the first of several and of the last, or how many others there are where both do not fit. */
function typesOf(names: readonly string[], size: number, room: number): string {
  const [first = '', second] = names;
  if (second === undefined) return fitText(first, size, room);
  const both = names.length === 2 ? `${first}, ${second}` : `${first} … ${names.at(-1)}`;
  if (textWidth(both, size) <= room) return both;
  const others = ` (+${names.length - 1})`;
  return `${fitText(first, size, room - textWidth(others, size))}${others}`;
}

function titleOf({ addresses, layerTypes, received, absorbed }: FlowNode): string {
  const calls = addresses.map((address, index) => `${address} (${layerTypes[index]})`).join(', ');
  const lost = absorbed.map(({ name, relevance }) => `; ${name} ${formatSigned(relevance)}`).join('');
  return `${calls}: received ${formatSigned(received)}${lost}`;
}
