// Loss and score over updates: the lines, and the cursor that stands in both.

import { chartX, chartY, drawBox, drawCurve, drawLevels, drawUpdates, niceStep, niceTicks } from "../shared/chart.js";
import { fitText, formatTick } from "../shared/text.js";
import { drawReferences } from "./references.js";
import { lossText, scoreText } from "./words.js";

const KINDS = ["loss", "score"];

// The axis of the loss starts at 0 and holds the loss of the untrained model; it grows only for a training that
// gets worse, and then to four times that at most.
export function lossLimit({ loss, train_loss: train }) {
  const first = Number.isFinite(loss[0]) ? loss[0] : 1;
  let high = first;
  for (const values of [loss, train]) {
    for (const value of values) if (Number.isFinite(value) && value > high) high = value;
  }
  const reach = Math.min(high, 4 * Math.max(first, 1e-6)) * 1.04;
  const step = niceStep(reach / 4) / 2;
  return Math.ceil(reach / step) * step;
}

// What a score can show: 0 to 1, or from below the score of guessing where a score can be negative.
export function scoreAxis(percent, chance) {
  if (percent) return { low: 0, high: 1, values: [0, 0.5, 1] };
  return { low: Math.min(chance - 0.25, -0.25), high: 1, values: [0, 0.5, 1] };
}

export function chartsOf(film) {
  const { layout, model, curves } = film;
  const { low, high } = scoreAxis(model.percent, model.chance);
  const x = [0, model.updates];
  return {
    loss: { ...layout.charts.loss, x, y: [0, lossLimit(curves)] },
    score: { ...layout.charts.score, x, y: [low, high] },
  };
}

export function drawCharts(surface, film) {
  const { theme, model, layout, charts, curves } = film;
  const { size } = layout;
  const { texts } = model;
  const style = { theme, size };
  const ticks = {
    loss: niceTicks(...charts.loss.y, charts.loss.height > 90 ? 4 : 2).map((value) => ({ value, text: formatTick(value) })),
    score: model.scoreTicks,
  };
  for (const kind of KINDS) {
    const chart = charts[kind];
    drawLevels(surface, chart, ticks[kind], style);
    drawBox(surface, chart, theme);
  }
  drawReferences(surface, film);
  for (const kind of KINDS) {
    const chart = charts[kind];
    surface.clipped(chart.left, chart.top - 3, chart.width + 2, chart.height + 6, () => {
      drawCurve(surface, chart, curves.update, curves[`train_${kind}`], { colour: theme.muted, width: 1.3 });
      drawCurve(surface, chart, curves.update, curves[kind], { colour: theme.text, width: 3 });
    });
  }
  drawUpdates(surface, charts.score, layout.charts.ticks, texts.updates, style);
  drawTitles(surface, film);
}

function drawTitles(surface, { theme, model, layout, charts }) {
  const { size } = layout;
  const { texts } = model;
  const { loss, score } = charts;
  const right = loss.left + loss.width;
  const value = surface.measure("00.0%", size.value, 700) + 8;
  surface.text(texts.loss, 0, loss.title, { size: size.title, weight: 650, colour: theme.text });
  let x = Math.max(loss.left, surface.measure(texts.loss, size.title, 650) + 12);
  for (const [name, colour, width] of [[texts["held-out"], theme.text, 3], [texts.training, theme.muted, 1.3]]) {
    if (x + 24 + surface.measure(name, size.title) > right - value) break;
    surface.path([x, loss.title - 5, x + 18, loss.title - 5], { colour, width });
    surface.text(name, x + 23, loss.title, { size: size.title, colour: theme.muted });
    x += 23 + surface.measure(name, size.title) + 14;
  }
  surface.text(texts.score, 0, score.title, { size: size.title, weight: 650, colour: theme.text });
  const after = Math.max(score.left, surface.measure(texts.score, size.title, 650) + 12);
  const room = right - value - after;
  const fits = [size.title, size.title - 1, size.title - 2].find((tried) => surface.measure(model.scoreName, tried) <= room);
  const small = fits ?? size.title - 2;
  surface.text(fitText(surface, model.scoreName, room, small), after, score.title, { size: small, colour: theme.muted });
}

// The cursor in both charts, and the held-out numbers it stands at.
export function drawChartMarks(surface, film, frame) {
  const { theme, model, layout, charts, curves } = film;
  const { size } = layout;
  const at = film.pointAt(frame.update);
  const right = charts.loss.left + charts.loss.width;
  const texts = { loss: lossText(model, curves.loss[at]), score: scoreText(model, curves.score[at]) };
  for (const kind of KINDS) {
    const chart = charts[kind];
    const x = chartX(chart, frame.update);
    surface.path([x, chart.top, x, chart.top + chart.height], { colour: theme.paper, width: 5 });
    surface.path([x, chart.top, x, chart.top + chart.height], { colour: theme.accent, width: 2.4 });
    const value = curves[kind][at];
    if (Number.isFinite(value)) {
      surface.circle(x, chartY(chart, value), 5.5, { fill: theme.accent, stroke: theme.paper, line: 2 });
    }
    surface.text(texts[kind], right, chart.title, { size: size.value, weight: 700, colour: theme.text, align: "right" });
  }
}

// A thin line at the measured update that is hovered.
export function drawChartHover(surface, { theme, charts, curves }, at) {
  for (const kind of KINDS) {
    const chart = charts[kind];
    const x = chartX(chart, curves.update[at]);
    surface.path([x, chart.top, x, chart.top + chart.height], { colour: theme.text, width: 1 });
    const value = curves[kind][at];
    if (Number.isFinite(value)) surface.circle(x, chartY(chart, value), 3.5, { fill: theme.text });
  }
}
