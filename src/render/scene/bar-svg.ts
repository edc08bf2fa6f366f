// A colour bar without the PNG encoder that those of pictures need.
import { type ColourMap, cssColour } from '../colour-map.js';
import { attributes } from '../escape.js';
import type { Scale } from '../scale.js';
import { endLabels, lowEnd } from '../scale.js';
import { BAR_WIDTH, barTexts, barWords, THICK } from './colour-bar.js';
import { svgDocument, textSvg } from './scene-svg.js';

/** Colours that are given, evenly; between them the browser mixes. */
const STOPS = 32;

/** A colour bar as a small SVG of its own. */
export function barSvg(scale: Scale): string {
  const [x, y] = [8, 4];
  const { height, marks } = barTexts(scale, x, y, BAR_WIDTH);
  const [low, high] = endLabels(scale);
  const alt = `Colour scale from ${low} to ${high}, ${barWords(scale).join(', ')}.`;
  const stops = stopsOf(scale.colours, lowEnd({ ...scale, limit: 1 }));
  const id = idOf(stops);
  const box = { x, y, width: BAR_WIDTH, height: THICK, fill: `url(#${id})` };
  const gradient = `<linearGradient${attributes({ id })}>${stops}</linearGradient><rect${attributes(box)}/>`;
  return svgDocument(BAR_WIDTH + 2 * x, y + height, alt, `${gradient}${marks.map(textSvg).join('')}`);
}

function stopsOf(colours: ColourMap, lowest: number): string {
  return Array.from({ length: STOPS + 1 }, (_, step) => {
    const share = step / STOPS;
    const colour = cssColour(colours.colour(lowest + (1 - lowest) * share));
    return `<stop${attributes({ offset: String(share), 'stop-color': colour })}/>`;
  }).join('');
}

/** A page may hold many bars: a name that other colours do not have. */
function idOf(stops: string): string {
  let hash = 0;
  for (const character of stops) hash = (31 * hash + (character.codePointAt(0) ?? 0)) % 0x1_0000_0000;
  return `colours-${hash.toString(36)}`;
}
