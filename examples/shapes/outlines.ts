// The four classes, each as its signed distance: negative inside, in units of the shape's radius.
export type Outline = (x: number, y: number) => number;

const circle: Outline = (x, y) => Math.sqrt(x * x + y * y) - 0.9;

const square: Outline = (x, y) => Math.max(Math.abs(x), Math.abs(y)) - 0.8;

const triangle: Outline = (x, y) =>
  Math.max(y, -y / 2 + (x * Math.sqrt(3)) / 2, -y / 2 - (x * Math.sqrt(3)) / 2) - 0.55;

const bar = (along: number, across: number): number => Math.max(Math.abs(along) - 1, Math.abs(across) - 0.32);
const cross: Outline = (x, y) => Math.min(bar(x, y), bar(y, x));

/** Outlines in the order of the network's outputs. */
export const outlines: Readonly<Record<string, Outline>> = { circle, square, triangle, cross };

/** Class names in the order of the network's outputs. */
export const labels: readonly string[] = Object.keys(outlines);

/** The outline turned by `angle`, scaled to `radius` pixels and moved to (`cx`, `cy`); distances become pixels. */
export function place(outline: Outline, cx: number, cy: number, radius: number, angle: number): Outline {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return (x, y) => {
    const [dx, dy] = [(x - cx) / radius, (y - cy) / radius];
    return radius * outline(cos * dx + sin * dy, cos * dy - sin * dx);
  };
}

/** A straight stroke between two points, `halfWidth` pixels to either side. */
export function stroke(ax: number, ay: number, bx: number, by: number, halfWidth: number): Outline {
  const [ux, uy] = [bx - ax, by - ay];
  const squaredLength = ux * ux + uy * uy;
  return (x, y) => {
    const along = Math.min(1, Math.max(0, ((x - ax) * ux + (y - ay) * uy) / squaredLength));
    const [dx, dy] = [x - ax - along * ux, y - ay - along * uy];
    return Math.sqrt(dx * dx + dy * dy) - halfWidth;
  };
}
