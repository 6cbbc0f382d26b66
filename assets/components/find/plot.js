// The plot: every unit a line over the steps, the threshold across them, the brushed stretch as a band.

import { niceTicks } from "../shared/chart.js";
import { cssColour, mixColours, parseColour } from "../shared/colours.js";
import { formatTick, showBlank } from "../shared/text.js";
import { valueOf } from "./units.js";

const TICK = 13;
const LEAST_LABEL = 9;

// What of the steps is in view: all, or as many as leave room for their labels, from `from` on as far as there are any.
export function layoutOf(width, height, model, from) {
  const narrow = width < 640;
  const edges = { left: narrow ? 34 : 44, right: narrow ? 30 : 34, top: 8, bottom: 40 };
  const room = width - edges.left - edges.right;
  const count = Math.min(model.shown, Math.max(Math.floor(room / LEAST_LABEL), 8));
  const last = model.offset + model.shown - count;
  return { ...edges, width, height, room, count, from: Math.min(Math.max(from, model.offset), last) };
}

export function plotX({ left, room, from, count }, step) {
  return left + ((step - from) / count) * room;
}

// The same for an edge of the stretch that may be out of view: then it stands at the end it is beyond.
export function edgeX(layout, step) {
  return Math.min(Math.max(plotX(layout, step), layout.left), layout.left + layout.room);
}

export function plotY(layout, model, value) {
  const share = (value - model.low) / (model.high - model.low);
  return layout.top + (1 - share) * (layout.height - layout.top - layout.bottom);
}

export function stepAt({ left, room, from, count }, x) {
  const step = from + Math.floor(((x - left) / room) * count);
  return Math.min(Math.max(step, from), from + count - 1);
}

export function valueAt(layout, model, y) {
  const share = 1 - (y - layout.top) / (layout.height - layout.top - layout.bottom);
  return Math.min(Math.max(model.low + share * (model.high - model.low), model.low), model.high);
}

// One unit over the steps from..to as far as they are in view, and one beyond: a point in the middle of each step.
function pointsOf(layout, model, unit, from, to) {
  const points = [];
  const first = Math.max(from, layout.from - 1, model.offset);
  const end = Math.min(to, layout.from + layout.count + 1, model.offset + model.shown);
  for (let step = first; step < end; step += 1) {
    const code = model.codes[unit * model.shown + step - model.offset];
    const value = valueOf(code, model.low, model.high, model.top);
    points.push(plotX(layout, step + 0.5), plotY(layout, model, value));
  }
  return points;
}

function lineOf(surface, points, style) {
  if (points.length === 0) return;
  if (points.length === 2) surface.circle(points[0], points[1], style.width + 1, { fill: style.colour });
  else surface.path(points, style);
}

export function drawBase(surface, layout, model, theme) {
  const { left, right, top, bottom, width, height } = layout;
  const foot = height - bottom;
  for (const value of [model.low, (model.low + model.high) / 2, model.high]) {
    const y = Math.round(plotY(layout, model, value)) + 0.5;
    surface.path([left, y, width - right, y], { colour: theme.faint });
    surface.text(formatTick(value), left - 6, y + 5, { size: TICK, colour: theme.muted, align: "right" });
  }
  surface.text(model.label, 0, top + 12, { size: 15, weight: 650, colour: model.ink });
  const alpha = Math.min(0.5, Math.max(0.05, 4 / model.units));
  const colour = cssColour(mixColours(theme.textRgb, theme.paperRgb, 0.2), alpha);
  surface.clipped(left, top - 2, width - left - right, foot - top + 4, () => {
    for (let unit = 0; unit < model.units; unit += 1) {
      lineOf(surface, pointsOf(layout, model, unit, 0, Infinity), { colour, width: 1 });
    }
  });
  drawSteps(surface, layout, model, theme);
}

function drawSteps(surface, layout, model, theme) {
  const { left, right, width, height, bottom, from, count } = layout;
  const foot = height - bottom;
  const last = from + count - 1;
  for (let step = from; step <= last; step += 1) {
    const shown = showBlank(model.labels[step - model.offset]);
    if (surface.measure(shown, TICK) > layout.room / count + 5) continue;
    surface.text(shown, plotX(layout, step + 0.5), foot + 15, { size: TICK, colour: theme.text, align: "center" });
  }
  for (const step of niceTicks(from, Math.max(last, from + 1), Math.max(2, (width / 90) | 0))) {
    if (step > last || step % 1) continue;
    const x = plotX(layout, step + 0.5);
    surface.rect(x - 0.5, foot, 1, 4, { fill: theme.frame });
    const half = surface.measure(String(step), TICK) / 2;
    const at = Math.min(Math.max(x, left + half), width - right - half);
    surface.text(String(step), at, foot + 33, { size: TICK, colour: theme.muted, align: "center" });
  }
}

// The band, the threshold, and the lines of the units that are looked for; `lit` is one that is pointed at.
export function drawOver(surface, layout, model, theme, choice, chosen, lit) {
  const { left, right, top, bottom, width, height } = layout;
  const foot = height - bottom;
  const accent = parseColour(theme.accent);
  const [from, to] = [edgeX(layout, choice.start), edgeX(layout, choice.stop)];
  surface.rect(from, top, to - from, foot - top, { fill: cssColour(accent, 0.16) });
  for (const x of [from, to]) surface.path([x, top, x, foot], { colour: theme.accent, width: 2 });
  const ink = parseColour(model.ink);
  surface.clipped(left, top - 2, width - left - right, foot - top + 4, () => {
    const faded = cssColour(ink, Math.min(0.6, Math.max(0.15, 3 / chosen.length)));
    for (const unit of chosen) {
      lineOf(surface, pointsOf(layout, model, unit, 0, Infinity), { colour: faded, width: 1.2 });
      lineOf(surface, pointsOf(layout, model, unit, choice.start, choice.stop), { colour: model.ink, width: 2.2 });
    }
    if (lit !== null && lit < model.units) {
      const points = pointsOf(layout, model, lit, 0, Infinity);
      lineOf(surface, points, { colour: theme.paper, width: 6 });
      lineOf(surface, points, { colour: model.ink, width: 3.4 });
    }
  });
  const y = plotY(layout, model, choice.threshold);
  surface.path([left, y, width - right, y], { colour: theme.text, width: 1.6, dash: [7, 4] });
}
