// What stands around a picture: rows and their numbers, a colour bar, the names of lines.

import { stopColour } from "./colours.js";
import { fitText, formatTick, strideFor } from "./text.js";

// Top and height of row `row` of `units` in a panel.
export function rowSpan(place, units, row) {
  return { top: place.top + (row / units) * place.height, height: place.height / units };
}

// Rows whose unit's number, `tick` pixels high, has room on the axis, with the middle of each number.
export function unitLabels(tick, units, place) {
  const rowHeight = place.height / units;
  const stride = strideFor((tick + 2) / rowHeight);
  const labels = [];
  for (let row = 0; row < units; row += stride) {
    const { top } = rowSpan(place, units, row);
    // A row thinner than its number: the number hangs from the row's top edge.
    const middle = rowHeight > tick ? top + rowHeight / 2 : top + tick * 0.42;
    if (middle + tick * 0.4 > place.top + place.height + 2) break;
    labels.push({ row, middle });
  }
  return labels;
}

// The locked range of a panel with its numbers, as high as `place`, from `x` to the right.
export function drawColourBar(surface, { x, place, size, theme, stops, range }) {
  const bands = stops.length;
  for (let band = 0; band < bands; band += 1) {
    const top = place.top + place.height * (1 - (band + 1) / bands);
    // A hair of overlap, or seams show between the bands.
    surface.rect(x, top, size.bar, place.height / bands + (band ? 0.6 : 0), { fill: stopColour(stops, band / (bands - 1)) });
  }
  surface.rect(x - 0.5, place.top - 0.5, size.bar + 1, place.height + 1, { stroke: theme.frame });
  const [low, high] = range;
  const labels = place.height > size.tick * 3.4 ? [low, (low + high) / 2, high] : [low, high];
  for (const value of labels) {
    const share = (value - low) / (high - low);
    const baseline = place.top + size.tick * 0.74 + (1 - share) * (place.height - size.tick * 0.74);
    surface.text(formatTick(value), x + size.bar + 4, baseline, { size: size.tick, colour: theme.muted });
  }
}

// Names [{ text, colour, y }] at the right end of lines, from `x` to `right`, moved apart so that none covers another;
// on `paper`, if it is given, where lines run behind them.
export function drawEndNames(surface, names, { x, right, place, tick, paper = null }) {
  const gap = tick + 2;
  const sorted = [...names].sort((a, b) => a.y - b.y);
  sorted.forEach((name, index) => {
    name.y = Math.max(name.y, index ? sorted[index - 1].y + gap : place.top + gap / 2);
  });
  let floor = place.top + place.height;
  for (const name of sorted.reverse()) {
    name.y = Math.min(name.y, floor);
    floor = name.y - gap;
    const text = fitText(surface, name.text, right - x, tick, 700);
    if (paper) surface.rect(x - 2, name.y - gap / 2, surface.measure(text, tick, 700) + 4, gap, { fill: paper });
    surface.text(text, x, name.y + tick * 0.36, { size: tick, weight: 700, colour: name.colour });
  }
}
