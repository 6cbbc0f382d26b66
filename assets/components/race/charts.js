// Held-out score and the gradient at the first step, over updates: a line per lane, named at its end.

import { chartX, chartY, drawBox, drawCurve, drawLevels, drawUpdates } from "../shared/chart.js";
import { tellApart } from "../shared/labels.js";
import { drawEndNames } from "../shared/marks.js";
import { pointOf, powerOfTen, scoreText } from "./words.js";

// Powers of ten from 1 down to 10 to the minus ten; more below or above only where a gradient is there, in steps of
// five, so that the axis hardly ever moves. A gradient of 0 lies on the floor.
export function gradientAxis(lanes) {
  let [low, high] = [-10, 0];
  for (const { gradient } of lanes) {
    for (const value of gradient) {
      if (!(value > 0) || !Number.isFinite(value)) continue;
      const power = Math.log10(value);
      while (power < low + 0.5) low -= 5;
      while (power > high) high += 1;
    }
  }
  return { low, high };
}

export function chartsOf({ layout, model, lanes }) {
  const [score, gradient] = layout.charts;
  const floor = model.percent ? 0 : Math.min(model.chance - 0.25, -0.25);
  const { low, high } = gradientAxis(lanes);
  const x = [0, model.updates];
  return [
    { ...score, x, y: [floor, 1] },
    { ...gradient, x, y: [low, high] },
  ];
}

function levelsOf(chart, { model, lanes, layout }) {
  if (chart.kind === "score") {
    const values = chart.y[0] < 0 ? [chart.y[0], 0, 0.5, 1] : [0, 0.5, 1];
    return values.map((value) => ({ value, text: scoreText(model, value) }));
  }
  const [low, high] = chart.y;
  const room = chart.height / (layout.size.tick + 8);
  const step = [1, 2, 5, 10, 20].find((size) => (high - low) / size <= room && low % size === 0) ?? 5;
  const ticks = [];
  for (let power = low; power <= high; power += step) ticks.push({ value: power, text: powerOfTen(power) });
  // The lowest line is 0 where some gradient is, and its power of ten otherwise.
  if (lanes.some(({ gradient }) => gradient.some((value) => value === 0))) ticks[0].text = "0";
  return ticks;
}

function valuesOf(chart, lane) {
  return chart.kind === "score" ? lane.score : lane.powers;
}

export function drawCharts(surface, race) {
  const { layout, model, theme, lanes, charts, inks, dashes } = race;
  const { size } = layout;
  for (const chart of charts) {
    chart.lines.forEach((line, row) => {
      surface.text(line, chart.from, chart.title + row * size.row, { size: size.title, weight: 650, colour: theme.text });
    });
    drawLevels(surface, chart, levelsOf(chart, race), { theme, size });
    drawUpdates(surface, chart, chart.ticks, model.texts.updates, { theme, size });
    drawBox(surface, chart, theme);
    if (chart.kind === "score") drawReferences(surface, race, chart);
    const names = [];
    surface.clipped(chart.left, chart.top - 3, chart.width + 2, chart.height + 6, () => {
      lanes.forEach((lane, index) => {
        const style = { colour: inks[index], width: 3, dash: dashes[index] };
        drawCurve(surface, chart, lane.update, valuesOf(chart, lane), style);
      });
    });
    lanes.forEach((lane, index) => {
      const at = pointOf(lane, Infinity);
      const values = valuesOf(chart, lane);
      if (at >= 0 && !Number.isNaN(values[at])) {
        names.push({ lane: index, colour: inks[index], y: chartY(chart, values[at]) });
      }
    });
    // Where the lines have come to, all of them.
    const x = Math.max(...lanes.map(({ update }) => chartX(chart, update.at(-1) ?? 0))) + 6;
    const inside = x < chart.left + chart.width;
    const place = inside ? { top: chart.top + 2, height: chart.height - size.tick * 0.6 - 4 } : chart;
    const texts = tellApart(lanes.map(({ name }) => name), chart.right - x, (text) => surface.measure(text, size.tick, 700));
    for (const name of names) name.text = texts[name.lane];
    drawEndNames(surface, names, { x, right: chart.right, place, tick: size.tick, paper: inside ? theme.paper : null });
  }
}

function drawReferences(surface, { model, theme }, chart) {
  const references = [[model.chance, [6, 4]], [model.learnedScore, [2, 3]]];
  for (const [value, dash] of references) {
    if (value === null) continue;
    const y = chartY(chart, value);
    surface.path([chart.left, y, chart.left + chart.width, y], { colour: theme.muted, width: 1.4, dash });
  }
}

// A line at an update in both charts, with a dot per lane.
export function drawReading(surface, race, update) {
  const { charts, lanes, inks, theme } = race;
  for (const chart of charts) {
    const x = chartX(chart, update);
    surface.path([x, chart.top, x, chart.top + chart.height], { colour: theme.text, width: 1.4 });
    lanes.forEach((lane, index) => {
      const at = pointOf(lane, update);
      const value = at < 0 ? NaN : valuesOf(chart, lane)[at];
      if (Number.isNaN(value)) return;
      surface.circle(chartX(chart, lane.update[at]), chartY(chart, value), 5, { fill: inks[index], stroke: theme.paper, line: 1.5 });
    });
  }
}
