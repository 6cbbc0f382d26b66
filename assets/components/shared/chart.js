// Lines over updates: a chart is { left, top, width, height, x: [from, to], y: [low, high], log }.

import { formatTick } from "./text.js";

export const FLAG = 15;

export function chartX(chart, value) {
  return chart.left + ((value - chart.x[0]) / (chart.x[1] - chart.x[0])) * chart.width;
}

// What lies outside the axis is drawn at its edge; hovering tells the number.
export function chartY(chart, value) {
  const share = (value - chart.y[0]) / (chart.y[1] - chart.y[0]);
  return chart.top + (1 - Math.min(Math.max(share, 0), 1)) * chart.height;
}

export function chartValue(chart, x) {
  return chart.x[0] + ((x - chart.left) / chart.width) * (chart.x[1] - chart.x[0]);
}

// 1, 2 or 5 times a power of ten.
export function niceStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5].find((factor) => factor * power >= least * (1 - 1e-9)) ?? 10);
}

// Round numbers in [low, high], at most `count` steps.
export function niceTicks(low, high, count) {
  const step = niceStep((high - low) / Math.max(count, 1));
  const ticks = [];
  for (let at = Math.ceil(low / step - 1e-9); at * step <= high + step * 1e-9; at += 1) ticks.push(at * step);
  return ticks;
}

// The index of the value nearest to `wanted` in a rising list; -1 in an empty one.
export function nearestIndex(values, wanted) {
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return low > 0 && wanted - values[low - 1] <= values[low] - wanted ? low - 1 : high < 0 ? -1 : low;
}

// Horizontal lines with their numbers; ticks are [{ value, text }].
export function drawLevels(surface, chart, ticks, { theme, size }) {
  for (const { value, text } of ticks) {
    const y = Math.round(chartY(chart, value)) + 0.5;
    surface.path([chart.left, y, chart.left + chart.width, y], { colour: theme.faint });
    surface.text(text, chart.left - 6, y + size.tick * 0.36, { size: size.tick, colour: theme.muted, align: "right" });
  }
}

// Numbers of updates at `baseline`, as many as have room, and what they are numbers of.
export function drawUpdates(surface, chart, baseline, name, { theme, size }) {
  const widest = surface.measure(formatTick(chart.x[1]), size.tick) + 18;
  const ticks = niceTicks(...chart.x, Math.floor(chart.width / widest));
  for (const tick of ticks) {
    const x = chartX(chart, tick);
    const half = surface.measure(formatTick(tick), size.tick) / 2;
    const at = Math.min(x, chart.left + chart.width + 8 - half);
    surface.rect(x - 0.5, chart.top + chart.height, 1, 4, { fill: theme.frame });
    surface.text(formatTick(tick), at, baseline, { size: size.tick, colour: theme.muted, align: "center" });
  }
  surface.text(name, chart.left - 8, baseline, { size: size.tick, colour: theme.muted, align: "right" });
}

export function drawBox(surface, chart, theme) {
  surface.rect(chart.left - 0.5, chart.top - 0.5, chart.width + 1, chart.height + 1, { stroke: theme.frame });
}

// A line through the points that are numbers, broken where they are not; one alone is a dot.
export function drawCurve(surface, chart, updates, values, style) {
  let points = [];
  const flush = () => {
    if (points.length === 2) surface.circle(points[0], points[1], style.width * 0.8, { fill: style.colour });
    if (points.length > 2) surface.path(points, style);
    points = [];
  };
  for (let at = 0; at < updates.length; at += 1) {
    if (Number.isNaN(values[at])) flush();
    else points.push(chartX(chart, updates[at]), chartY(chart, values[at]));
  }
  flush();
}

// A pole from `foot` up to `top` with a flag at its top; `side` 1 or -1.
export function drawFlag(surface, x, foot, top, colour, side = 1) {
  surface.path([x, foot, x, top], { colour, width: 2 });
  surface.shape([x, top, x + FLAG * side, top + FLAG * 0.42, x, top + FLAG * 0.84], { fill: colour });
}
