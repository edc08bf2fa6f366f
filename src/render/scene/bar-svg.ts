import type { Scale } from '../scale.js';
import { endLabels } from '../scale.js';
import { BAR_WIDTH, barWords, colourBar } from './colour-bar.js';
import { sceneSvg } from './scene-svg.js';

/** A colour bar as a small SVG of its own. */
export function barSvg(scale: Scale): string {
  const [x, y] = [8, 4];
  const { height, marks } = colourBar(scale, x, y, BAR_WIDTH);
  const [low, high] = endLabels(scale);
  const alt = `Colour scale from ${low} to ${high}, ${barWords(scale).join(', ')}.`;
  return sceneSvg({ width: BAR_WIDTH + 2 * x, height: y + height, marks, alt });
}
