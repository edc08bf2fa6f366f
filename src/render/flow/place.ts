// Where everything stands in its row: first the order, by the mean place of neighbours above and below in turn, then the
// distances, by pulling every spot towards its neighbours as far as the others let it.
import type { Layered, Spot } from './layers.js';

/** Sweeps over all rows; layouts of common nets settle well before. */
const SWEEPS = 12;
const GAP = 28;

/** The middle of every spot by its id, from 0 up, and the width of all. */
export interface Placed {
  readonly x: ReadonlyMap<string, number>;
  readonly width: number;
}

/** Finds a place across for every spot. */
export function placeSpots(layered: Layered): Placed {
  const { above, below } = neighboursOf(layered);
  const x = new Map<string, number>();
  const rows = layered.rows.map((row) => [...row]);
  for (const row of rows) spread(row, x);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const down = sweep % 2 === 0;
    const near = down ? above : below;
    for (const row of down ? rows : [...rows].reverse()) {
      const wish = new Map(row.map((spot) => [spot.id, meanOf(near.get(spot.id) ?? [], x) ?? x.get(spot.id) ?? 0]));
      // The first sweeps find the order, the later ones only distances.
      if (sweep < SWEEPS / 2) row.sort((a, b) => (wish.get(a.id) ?? 0) - (wish.get(b.id) ?? 0));
      settle(row, wish, x);
    }
  }
  return moveToOrigin(rows, x);
}

function neighboursOf({ routes }: Layered) {
  const above = new Map<string, string[]>();
  const below = new Map<string, string[]>();
  for (const { spots } of routes) {
    for (const [index, spot] of spots.entries()) {
      const next = spots[index + 1];
      if (next === undefined) continue;
      below.set(spot, [...(below.get(spot) ?? []), next]);
      above.set(next, [...(above.get(next) ?? []), spot]);
    }
  }
  return { above, below };
}

function meanOf(ids: readonly string[], x: ReadonlyMap<string, number>): number | null {
  if (ids.length === 0) return null;
  return ids.reduce((sum, id) => sum + (x.get(id) ?? 0), 0) / ids.length;
}

/** Side by side about the middle. */
function spread(row: readonly Spot[], x: Map<string, number>): void {
  const total = row.reduce((sum, spot) => sum + spot.width + GAP, -GAP);
  let left = -total / 2;
  for (const spot of row) {
    x.set(spot.id, left + spot.width / 2);
    left += spot.width + GAP;
  }
}

/**
 * Puts spots as near to their wishes as the order and their widths let them: neighbours that would overlap form a block, which
 * stands where its members want to be on the mean.
 */
function settle(row: readonly Spot[], wish: ReadonlyMap<string, number>, x: Map<string, number>): void {
  const blocks: { start: number; width: number; wishes: number; count: number; spots: Spot[] }[] = [];
  for (const spot of row) {
    const width = spot.width + GAP;
    let block = { start: 0, width, wishes: (wish.get(spot.id) ?? 0) - width / 2, count: 1, spots: [spot] };
    block.start = block.wishes;
    for (let last = blocks.at(-1); last && last.start + last.width > block.start; last = blocks.at(-1)) {
      blocks.pop();
      block = {
        start: 0,
        width: last.width + block.width,
        // Each wish counts for the left end of the whole block.
        wishes: last.wishes + block.wishes - last.width * block.count,
        count: last.count + block.count,
        spots: [...last.spots, ...block.spots],
      };
      block.start = block.wishes / block.count;
    }
    blocks.push(block);
  }
  for (const { start, spots } of blocks) {
    let left = start;
    for (const spot of spots) {
      x.set(spot.id, left + (spot.width + GAP) / 2);
      left += spot.width + GAP;
    }
  }
}

function moveToOrigin(rows: readonly (readonly Spot[])[], x: ReadonlyMap<string, number>): Placed {
  const ends = rows
    .flat()
    .map((spot) => [(x.get(spot.id) ?? 0) - spot.width / 2, (x.get(spot.id) ?? 0) + spot.width / 2]);
  const low = ends.reduce((least, [left = 0]) => Math.min(least, left), Number.POSITIVE_INFINITY);
  const high = ends.reduce((most, [, right = 0]) => Math.max(most, right), Number.NEGATIVE_INFINITY);
  return { x: new Map([...x].map(([id, value]) => [id, value - low])), width: high - low };
}
