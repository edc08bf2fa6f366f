import { cssColour, readColours } from '../colour-map.js';
import { attributes, escapeMarkup } from '../escape.js';
import { formatNumber, formatSigned } from '../number.js';
import { fitText, type Mark, textWidth } from '../scene/scene.js';
import { markSvg } from '../scene/scene-svg.js';
import type { FlowGraph, FlowNode } from './flow-graph.js';
import { layerGraph, type Route } from './layers.js';
import { placeSpots } from './place.js';

/** Size of a box, and the room between rows. */
const BOX = { width: 210, height: 62, gap: 46 } as const;
/** Width of the strongest way. */
const WIDEST = 30;
/** Room right of a box for what is absorbed. */
const STUB = 34;
/** Size of the numbers beside ways. */
const LABEL = 11;

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
  const top = (row: number) => BOX.gap + row * (BOX.height + BOX.gap);
  const rowOf = new Map(layered.rows.flat().map((spot) => [spot.id, spot.row]));
  const at = (spot: string): Spot => ({ x: (x.get(spot) ?? 0) - STUB / 2, y: top(rowOf.get(spot) ?? 0) });
  const ways = [...graph.edges.map((edge) => edge.relevance), ...graph.starts.values()];
  const thick = thicknessOf(ways);
  const ports = portsOf(layered.routes, at);
  const svg = [
    ...[...graph.starts].map(([id, start]) => startSvg(at(`node ${id}`), start, thick(start), quantity)),
    ...layered.routes.map((route) => routeSvg(route, at, ports, thick)),
    ...graph.nodes.map((node) => nodeSvg(node, at(`node ${node.id}`), thick)),
    ...layered.routes.map((route) => labelSvg(route, graph, ports)),
  ];
  return { width, height: top(layered.rows.length) - BOX.gap + 4, svg: svg.join('') };
}

interface Spot {
  readonly x: number;
  readonly y: number;
}

/** Where a way leaves the box above and where it enters the box below. */
interface Ports {
  readonly out: Spot;
  readonly in: Spot;
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
function portsOf(routes: readonly Route[], at: (spot: string) => Spot): ReadonlyMap<Route, Ports> {
  const share = (side: 'out' | 'in') => {
    const places = new Map<Route, Spot>();
    const groups = groupBy(routes, ({ spots }) => (side === 'out' ? spots[0] : spots.at(-1)) ?? '');
    for (const [box, list] of groups) {
      const other = ({ spots }: Route) => at((side === 'out' ? spots[1] : spots.at(-2)) ?? '').x;
      const sorted = [...list].sort((a, b) => other(a) - other(b));
      const { x, y } = at(box);
      for (const [index, route] of sorted.entries()) {
        const across = x - BOX.width / 2 + ((index + 1) * BOX.width) / (sorted.length + 1);
        places.set(route, { x: across, y: side === 'out' ? y + BOX.height : y });
      }
    }
    return places;
  };
  const [outs, ins] = [share('out'), share('in')];
  const none = { x: 0, y: 0 };
  return new Map(routes.map((route) => [route, { out: outs.get(route) ?? none, in: ins.get(route) ?? none }]));
}

function groupBy<T>(list: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of list) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}

function routeSvg(
  route: Route,
  at: (spot: string) => Spot,
  ports: ReadonlyMap<Route, Ports>,
  thick: (relevance: number) => number,
): string {
  const { edge, spots } = route;
  const port = ports.get(route);
  if (!port) return '';
  // Past a row of boxes the way runs straight down beside them.
  const passing = spots.slice(1, -1).flatMap((spot) => {
    const { x, y } = at(spot);
    return [
      { x, y },
      { x, y: y + BOX.height },
    ];
  });
  const path = curve([port.out, ...passing, port.in]);
  const title = `${edge.from} to ${edge.to}: ${formatSigned(edge.relevance)}`;
  const look = { fill: 'none', stroke: wayColour(edge.relevance), 'stroke-width': thick(edge.relevance) };
  return `<path${attributes({ d: path, ...look })}><title>${escapeMarkup(title)}</title></path>`;
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

/**
 * The relevance of a way on a plate of its own, where a box has two or three; with more the numbers would stand on top of each
 * other. The middle one of three stands lower, where its neighbours leave it room.
 */
function labelSvg(route: Route, { edges }: FlowGraph, ports: ReadonlyMap<Route, Ports>): string {
  const { edge } = route;
  const port = ports.get(route);
  const leaving = edges.filter((other) => other.from === edge.from).length;
  if (!port || leaving < 2 || leaving > 3) return '';
  const siblings = [...ports].filter(([other]) => other.edge.from === edge.from).map(([, { out }]) => out.x);
  const isMiddle = siblings.some((x) => x < port.out.x) && siblings.some((x) => x > port.out.x);
  const text = formatSigned(edge.relevance);
  const { x } = port.out;
  const y = port.out.y + (isMiddle ? 32 : 15);
  const width = textWidth(text, LABEL) + 6;
  const plate = { x: x - width / 2, y: y - 11, width, height: 15, rx: 3, fill: '#ffffff' };
  return `<rect${attributes(plate)}/>${markSvg({ kind: 'text', x, y, text, size: LABEL, anchor: 'middle' })}`;
}

function nodeSvg(node: FlowNode, { x, y }: Spot, thick: (relevance: number) => number): string {
  const left = x - BOX.width / 2;
  const box = { x: left, y, width: BOX.width, height: BOX.height, rx: 6, fill: '#ffffff', stroke: '#555555' };
  const border = node.isInput ? 2.5 : 1;
  const lost = node.absorbed.filter(({ relevance }) => Math.abs(relevance) > 1e-4 * Math.abs(node.received));
  const first = y + (lost.length > 0 ? 18 : 27);
  const line = (text: string, row: number, bold = false): Mark => {
    return { kind: 'text', x, y: first + 18 * row, text, size: 12, anchor: 'middle', bold };
  };
  const received = formatNumber(node.received);
  const room = BOX.width - 8;
  // Bold letters are wider.
  const name = nameOf(node.addresses, 13.5, room);
  const types = nameOf(node.layerTypes, 12, room - textWidth(`: ${received}`, 12));
  const lines = [line(name, 0, true), line(`${types}: ${received}`, 1)];
  const title = `<title>${escapeMarkup(titleOf(node))}</title>`;
  const stub = lost.length > 0 ? stubSvg(node, left + BOX.width, y + BOX.height / 2, thick) : '';
  const shown = [...lines, ...(lost.length > 0 ? [line(lostText(lost, room), 2)] : [])].map(markSvg).join('');
  return `<g>${title}${stub}<rect${attributes({ ...box, 'stroke-width': border })}/>${shown}</g>`;
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

/** The first of several and the last, or how many others there are where both do not fit. */
function nameOf(names: readonly string[], size: number, room: number): string {
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
