// Titles, unit numbers and the time axis.

import { unitLabels } from "../shared/marks.js";
import { fitText, strideFor } from "../shared/text.js";
import { stepToX } from "./layout.js";
import { labelAt, unitName } from "./payload.js";

export function drawPanelTitle(surface, scene, index) {
  const { layout, theme } = scene;
  const panel = scene.model.panels[index];
  const place = layout.panels[index];
  const { size, plot, wide } = layout;
  const x = plot.left + place.indent;
  if (wide) {
    const baseline = place.top + place.height / 2 + size.symbol * 0.36;
    surface.text(panel.label, 2, baseline, { size: size.symbol, weight: 700, colour: panel.ink });
    surface.rect(2, baseline + 6, 22, 4, { fill: panel.colour ?? theme.text, radius: 2 });
  } else {
    surface.rect(plot.left, place.title - 10, 4, 12, { fill: panel.colour ?? theme.text, radius: 2 });
    surface.text(panel.label, plot.left + 9, place.title, { size: size.symbol, weight: 700, colour: panel.ink });
  }
  place.lines.forEach((line, row) => {
    const text = fitText(surface, line, layout.width - x, size.title, 600);
    surface.text(text, x, place.title + row * size.titleLane, { size: size.title, weight: 600, colour: theme.text });
  });
  if (!layout.hintsFit) return;
  const after = x + surface.measure(panel.title, size.title, 600) + 14;
  surface.text(panel.hint, after, place.title, { size: size.title, colour: theme.muted });
}

// Numbers of the units, as many as have room, and the frame around a heatmap.
export function drawUnitAxis(surface, scene, place, name) {
  const { layout, theme, order } = scene;
  const { size, plot } = layout;
  const x = plot.left - 6;
  if (name) {
    surface.text(name, x, place.title, { size: size.tick, colour: theme.muted, align: "right" });
  }
  for (const { row, middle } of unitLabels(size.tick, order.length, place)) {
    surface.text(unitName(scene.model, order[row]), x, middle + size.tick * 0.36, { size: size.tick, colour: theme.muted, align: "right" });
  }
  drawFrame(surface, scene, place);
}

export function drawFrame(surface, scene, place) {
  const { plot } = scene.layout;
  surface.rect(plot.left - 0.5, place.top - 0.5, plot.width + 1, place.height + 1, { stroke: scene.theme.frame });
}

// Every how many steps a number, and every how many a symbol, so that nothing overlaps.
export function axisStrides(surface, scene) {
  const { layout, window, model } = scene;
  const cell = layout.plot.width / (window.to - window.from);
  const number = surface.measure(String(model.steps - 1), layout.size.tick);
  const steps = strideFor((number + 10) / cell);
  const [first, last] = [Math.floor(window.from), Math.min(Math.ceil(window.to), model.steps)];
  // A few long labels among short ones are shortened; where most are too long, only as many steps get theirs as
  // leave room for the longest.
  let [tooLong, widest] = [cell < 6 ? Infinity : 0, 0];
  for (let step = first; step < last; step += last - first > 2000 ? 97 : 1) {
    const label = labelAt(model, step);
    const width = label === null ? 0 : surface.measure(label, layout.size.tick, 600);
    widest = Math.max(widest, width);
    if (width + 2 > cell) tooLong += 1;
  }
  if (tooLong <= (last - first) * 0.1) return { cell, steps, symbols: 1 };
  return { cell, steps, symbols: strideFor(Math.max(Math.min(widest, 110) + 12, number + 10) / cell) };
}

export function drawTimeAxis(surface, scene) {
  const { layout, theme, window, model } = scene;
  const { axis, size, plot } = layout;
  const { cell, steps, symbols } = scene.strides;
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
        const shown = fitText(surface, label, room, size.tick, 600);
        const half = surface.measure(shown, size.tick, 600) / 2;
        const inside = Math.max(Math.min(x, plot.left + plot.width + 10 - half), plot.left - 3 + half);
        surface.text(shown, inside, axis.symbols, strong);
      }
    }
    if (step % steps === 0) {
      surface.rect(x - 0.5, axis.top - 1, 1, 3, { fill: theme.frame });
      surface.text(String(step), x, axis.steps, plain);
    }
  }
  if (anySymbol) surface.text(model.texts.symbol, plot.left - 6, axis.symbols, names);
}

// Paper over those labels of one row of the axis that would peep out from under from..to.
export function coverLabels(surface, scene, { from, to, stride, top, height, nameOf }) {
  const { layout, window, model } = scene;
  const { size, plot } = layout;
  let [left, right] = [from - 2, to + 2];
  const near = (x) => Math.floor(window.from + ((x - plot.left) / plot.width) * (window.to - window.from));
  const reach = 40;
  const first = Math.max(Math.ceil(near(from - reach) / stride) * stride, 0);
  for (let step = first; step <= Math.min(near(to + reach), model.steps - 1); step += stride) {
    const name = nameOf(step);
    if (name === null) continue;
    const half = Math.min(surface.measure(name, size.tick, 600), stride * scene.strides.cell) / 2 + 1;
    const x = stepToX(layout, window, step + 0.5);
    if (x + half > from && x - half < to) [left, right] = [Math.min(left, x - half), Math.max(right, x + half)];
  }
  // The names of the rows stand left of the picture.
  left = Math.max(left, plot.left - 4);
  surface.rect(left, top, right - left, height, { fill: scene.theme.paper });
}
