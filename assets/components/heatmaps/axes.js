// Titles, unit numbers, colour bars and the time axis.

import { stopColour } from "./colours.js";
import { formatTick, rowSpan, stepToX } from "./layout.js";
import { labelAt } from "./payload.js";

const STRIDES = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 2500, 5000, 10000, 20000, 50000];

export function strideFor(least) {
  return STRIDES.find((stride) => stride >= least) ?? Math.ceil(least / 100000) * 100000;
}

// The text, or as much of it as fits with an ellipsis.
export function fitText(surface, text, room, size, weight = 400) {
  if (surface.measure(text, size, weight) <= room) return text;
  let kept = [...text];
  while (kept.length > 0 && surface.measure(`${kept.join("")}…`, size, weight) > room) kept.pop();
  return `${kept.join("")}…`;
}

export function drawPanelTitle(surface, scene, index) {
  const { layout, theme } = scene;
  const panel = scene.model.panels[index];
  const place = layout.panels[index];
  const { size, plot, wide } = layout;
  let x = plot.left;
  if (wide) {
    const baseline = place.top + place.height / 2 + size.symbol * 0.36;
    surface.text(panel.label, 2, baseline, { size: size.symbol, weight: 700, colour: panel.ink });
    surface.rect(2, baseline + 6, 22, 4, { fill: panel.colour ?? theme.text, radius: 2 });
  } else {
    surface.rect(x, place.title - 10, 4, 12, { fill: panel.colour ?? theme.text, radius: 2 });
    surface.text(panel.label, x + 9, place.title, { size: size.symbol, weight: 700, colour: panel.ink });
    x += 9 + surface.measure(panel.label, size.symbol, 700) + 8;
  }
  const title = fitText(surface, panel.title, layout.width - x, size.title, 600);
  surface.text(title, x, place.title, { size: size.title, weight: 600, colour: theme.text });
  if (!layout.hintsFit) return;
  x += surface.measure(panel.title, size.title, 600) + 14;
  surface.text(panel.hint, x, place.title, { size: size.title, colour: theme.muted });
}

// Numbers of the units, as many as have room, and the frame around a heatmap.
export function drawUnitAxis(surface, scene, place, name) {
  const { layout, theme, order } = scene;
  const { size, plot } = layout;
  const units = order.length;
  const x = plot.left - 6;
  if (name) {
    surface.text(name, x, place.title, { size: size.tick, colour: theme.muted, align: "right" });
  }
  const rowHeight = place.height / units;
  const stride = strideFor((size.tick + 2) / rowHeight);
  for (let row = 0; row < units; row += stride) {
    const { top } = rowSpan(place, units, row);
    // A row thinner than its number: the number hangs from the row's top edge.
    const middle = rowHeight > size.tick ? top + rowHeight / 2 : top + size.tick * 0.42;
    if (middle + size.tick * 0.4 > place.top + place.height + 2) break;
    surface.text(String(order[row]), x, middle + size.tick * 0.36, { size: size.tick, colour: theme.muted, align: "right" });
  }
  drawFrame(surface, scene, place);
}

export function drawFrame(surface, scene, place) {
  const { plot } = scene.layout;
  surface.rect(plot.left - 0.5, place.top - 0.5, plot.width + 1, place.height + 1, { stroke: scene.theme.frame });
}

// The locked range of a panel with its numbers.
export function drawColourBar(surface, scene, place, stops, range) {
  const { layout, theme } = scene;
  const { size, plot } = layout;
  const x = plot.left + plot.width + 6;
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

// Every how many steps a number, and every how many a symbol, so that nothing overlaps.
function axisStrides(surface, scene) {
  const { layout, window, model } = scene;
  const cell = layout.plot.width / (window.to - window.from);
  const number = surface.measure(String(model.steps - 1), layout.size.tick);
  const steps = strideFor((number + 10) / cell);
  const [first, last] = [Math.floor(window.from), Math.min(Math.ceil(window.to), model.steps)];
  // A few long labels among short ones are shortened; where most are too long, only some steps get theirs.
  let tooLong = cell < 6 ? Infinity : 0;
  for (let step = first; step < last && tooLong !== Infinity; step += 1) {
    const label = labelAt(model, step);
    if (label !== null && surface.measure(label, layout.size.tick, 600) + 2 > cell) tooLong += 1;
  }
  return { cell, steps, symbols: tooLong <= (last - first) * 0.1 ? 1 : steps };
}

export function drawTimeAxis(surface, scene) {
  const { layout, theme, window, model } = scene;
  const { axis, size, plot } = layout;
  const { cell, steps, symbols } = axisStrides(surface, scene);
  const names = { size: size.tick, colour: theme.muted, align: "right" };
  const plain = { size: size.tick, colour: theme.muted, align: "center" };
  const strong = { size: size.tick, weight: 600, colour: theme.text, align: "center" };
  surface.text(model.texts.step, plot.left - 6, axis.steps, names);
  const [first, last] = [Math.max(Math.floor(window.from), 0), Math.min(Math.ceil(window.to), model.steps)];
  let anySymbol = false;
  for (let step = first; step < last; step += 1) {
    const x = stepToX(layout, window, step + 0.5);
    if (x < plot.left || x > plot.left + plot.width) continue;
    if (step % symbols === 0) {
      const label = labelAt(model, step);
      if (label !== null) {
        anySymbol = true;
        const room = symbols === 1 ? cell - 1 : symbols * cell - 4;
        surface.text(fitText(surface, label, room, size.tick, 600), x, axis.symbols, strong);
      }
    }
    if (step % steps === 0) {
      surface.rect(x - 0.5, axis.top - 1, 1, 3, { fill: theme.frame });
      surface.text(String(step), x, axis.steps, plain);
    }
  }
  if (anySymbol) surface.text(model.texts.symbol, plot.left - 6, axis.symbols, names);
}
