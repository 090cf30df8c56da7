/**
 * Sequential colour maps as tables, so that screens, stamps and files agree: viridis, magma and
 * inferno (Smith & van der Walt 2015), cividis (Nuñez et al. 2018), greys. Lightness only rises.
 */

import type { FigureSpec } from '../spec/figure';

type ColourMap = FigureSpec['colours'];

/** Equally spaced colours from low to high. */
const STOPS: Readonly<Record<ColourMap, string>> = {
  viridis: '440154 482475 414487 355f8d 2a788e 21918c 22a884 44bf70 7ad151 bddf26 fde725',
  cividis: '00224e 123570 3b496c 575d6d 707173 8a8678 a59c74 c3b369 e1cc55 fee838',
  magma: '000004 140e36 3b0f70 641a80 8c2981 b73779 de4968 f7705c fe9f6d fecf92 fcfdbf',
  inferno: '000004 160b39 420a68 6a176e 932667 bc3754 dd513a f37819 fca50a f6d746 fcffa4',
  greys: '0d0d0d 262626 404040 595959 737373 8c8c8c a6a6a6 bfbfbf d9d9d9 f2f2f2',
};

export const stopsOf = (map: ColourMap): readonly string[] =>
  STOPS[map].split(' ').map((hex) => `#${hex}`);

type Scale = readonly (readonly [number, string])[];
const scales = new Map<ColourMap, Scale>();

/** Plotly's `colorscale`; the same array for the same map. */
export function colourScale(map: ColourMap): Scale {
  const known = scales.get(map);
  if (known !== undefined) return known;
  const stops = stopsOf(map);
  const scale = stops.map((colour, i) => [i / (stops.length - 1), colour] as const);
  scales.set(map, scale);
  return scale;
}

/** Red, green and blue, 0 to 255, at `share` of the way from low to high. */
export function colourAt(map: ColourMap, share: number): [number, number, number] {
  const stops = stopsOf(map);
  const place = Math.max(0, Math.min(1, share)) * (stops.length - 1);
  const i = Math.min(stops.length - 2, Math.floor(place));
  const part = (hex: string, from: number) => parseInt(hex.slice(from, from + 2), 16);
  const mix = (from: number) =>
    Math.round(part(stops[i], from) * (1 - place + i) + part(stops[i + 1], from) * (place - i));
  return [mix(1), mix(3), mix(5)];
}
