// Where everything goes, from the width, the height and the model. Pure: nothing is drawn here.

import { formatTick } from "../shared/text.js";

const WIDE = 620;

// Pixels of the strip that shows how the colour grows.
export const SCALE = 60;

const SIZES = {
  wide: { title: 14, tick: 13, symbol: 15, lane: 20, row: 18, least: 80, chart: 84, answer: 42, gap: 8 },
  narrow: { title: 13, tick: 11, symbol: 13, lane: 19, row: 16, least: 90, chart: 84, answer: 42, gap: 8 },
};

export const DECADES = [10, 1, 0.1, 0.01, 0.001];

// measure(text, size, weight) -> width.
export function computeLayout({ width, height, model, hasAnswer, ways, measure }) {
  const wide = width >= WIDE;
  const size = SIZES[wide ? "wide" : "narrow"];
  const { texts, units } = model;
  const numbers = [...DECADES.map(percentText), String(units - 1), texts.unit, texts.step, texts.reads, "0.25"];
  const left = Math.ceil(Math.max(...numbers.map((text) => measure(text, size.tick))) + 10);
  const plot = { left, width: Math.max(width - left - 8, 30) };
  const scale = { text: texts["colour scale"], wide: measure(texts["colour scale"], size.tick) + SCALE + 6 };
  const legend = flow(ways, scale, { left, right: width - 4, size, measure });

  const head = { flag: size.row - 3, labels: 2 * size.row + 4, height: 2 * size.row + 8 };
  const lanes = (legend.rows + 1) * size.lane;
  const fixed =
    head.height + lanes + 2 * size.gap + size.lane + size.chart + (hasAnswer ? size.lane + size.answer + size.gap : 0) + size.row + 6;
  const room = Math.max((height ?? 0) - fixed, wide ? size.least : Math.min(Math.max(units * 4, size.least), 170));
  const even = Math.floor(room / units) * units;
  let y = head.height;
  const heat = { title: y + size.lane - 5, legend: y + size.lane, top: y + lanes, height: even >= room * 0.88 ? even : room };
  y = heat.top + heat.height + size.gap;
  const chart = { title: y + size.lane - 5, top: y + size.lane, height: size.chart };
  y = chart.top + chart.height + size.gap;
  let answer = null;
  if (hasAnswer) {
    answer = { title: y + size.lane - 5, top: y + size.lane, height: size.answer };
    y = answer.top + answer.height + size.gap;
  }
  const axis = { top: y - size.gap, numbers: y + size.row - 6 };
  return { width, height: y + size.row, wide, size, plot, head, heat, chart, answer, axis, legend };
}

// Swatches with their names, as many in a row as have room.
function flow(ways, scale, { left, right, size, measure }) {
  let [x, row] = [left, 0];
  const places = ways.map(({ name, text }) => {
    const wide = measure(text, size.tick) + 17;
    if (x > left && x + wide > right) [x, row] = [left, row + 1];
    const place = { name, text, x, row };
    x += wide + 16;
    return place;
  });
  if (x + scale.wide > right) [x, row] = [left, row + 1];
  return { places, scale: { ...scale, x, row }, rows: row + 1 };
}

export function percentText(share) {
  return `${formatTick(share * 100)}%`;
}

export function stepToX({ plot }, steps, step) {
  return plot.left + (step / steps) * plot.width;
}

export function xToStep({ plot }, steps, x) {
  return Math.min(Math.max(Math.floor(((x - plot.left) / plot.width) * steps), 0), steps - 1);
}

// A share of the start on a scale of powers of ten, between the ends of the chart.
export function shareToY({ chart }, share) {
  const [top, bottom] = [Math.log10(DECADES[0]), Math.log10(DECADES.at(-1))];
  const power = share > 0 ? Math.min(Math.max(Math.log10(share), bottom), top) : bottom;
  return chart.top + ((top - power) / (top - bottom)) * chart.height;
}
