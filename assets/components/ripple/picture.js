// The whole picture, and the marks over it. A scene is { model, layout, theme, outcome, fate, chosen, image, inks, scale }.

import { cssColour, mixColours, parseColour } from "../shared/colours.js";
import { unitLabels } from "../shared/marks.js";
import { fitText, formatTick, showBlank, strideFor } from "../shared/text.js";
import { DECADES, percentText, SCALE, shareToY, stepToX } from "./layout.js";
import { NAMES, NOTHING } from "./outcome.js";
import { changeTexts } from "./words.js";

// The map of units x steps: the carrier's colour, as strong as the difference.
export function paintImage(outcome, { units, colours }, theme, reuse) {
  const { columns, strength, carrier } = outcome;
  const canvas = reuse ?? document.createElement("canvas");
  if (canvas.width !== columns || canvas.height !== units) Object.assign(canvas, { width: columns, height: units });
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, units);
  const pixels = new Uint32Array(image.data.buffer);
  const paper = packed(theme.paperRgb);
  const tables = NAMES.map((name) => {
    const full = parseColour(colours[name]);
    return Uint32Array.from({ length: 256 }, (_, ink) => packed(mixColours(theme.paperRgb, full, ink / 255)));
  });
  for (let at = 0; at < pixels.length; at += 1) {
    pixels[at] = carrier[at] === NOTHING ? paper : tables[carrier[at]][strength[at]];
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

function packed(rgb) {
  const [red, green, blue] = rgb.map(Math.round);
  return (255 << 24) | (blue << 16) | (green << 8) | red;
}

export function drawPicture(surface, scene) {
  drawHeat(surface, scene);
  drawChart(surface, scene);
  if (scene.layout.answer) drawAnswer(surface, scene);
  drawReading(surface, scene);
  drawSteps(surface, scene);
}

function title(surface, { layout, theme }, text, y) {
  const { size, plot, width } = layout;
  const shown = fitText(surface, text, width - plot.left, size.title, 600);
  surface.text(shown, plot.left, y, { size: size.title, weight: 600, colour: theme.text });
}

function frame(surface, { layout, theme }, place) {
  const { plot } = layout;
  surface.rect(plot.left - 0.5, place.top - 0.5, plot.width + 1, place.height + 1, { stroke: theme.frame });
}

function drawHeat(surface, scene) {
  const { layout, model, theme, outcome, image, scale } = scene;
  const { heat, plot, size, legend } = layout;
  title(surface, scene, model.texts["heat title"], heat.title);
  for (const { name, text, x, row } of legend.places) {
    const y = heat.legend + (row + 1) * size.lane - 6;
    surface.rect(x, y - 10, 11, 11, { fill: model.colours[name], radius: 2 });
    surface.text(text, x + 16, y, { size: size.tick, colour: theme.text });
  }
  const { scale: bar } = legend;
  const foot = heat.legend + (bar.row + 1) * size.lane - 6;
  for (let part = 0; part < 12; part += 1) {
    const fill = cssColour(mixColours(theme.paperRgb, theme.textRgb, part / 11));
    surface.rect(bar.x + (part * SCALE) / 12, foot - 10, SCALE / 12 + 0.5, 11, { fill });
  }
  surface.rect(bar.x - 0.5, foot - 10.5, SCALE + 1, 12, { stroke: theme.frame });
  surface.text(bar.text, bar.x + SCALE + 6, foot, { size: size.tick, colour: theme.muted });
  const smooth = plot.width * scale < outcome.columns || heat.height * scale < model.units;
  surface.image(image, 0, outcome.columns, plot.left, heat.top, plot.width, heat.height, smooth);
  frame(surface, scene, heat);
  if (!scene.pending && !(scene.fate.start > 0) && !outcome.size.some((size) => size > 0)) {
    const text = fitText(surface, model.texts.nothing, plot.width - 16, size.symbol, 600);
    const middle = { size: size.symbol, weight: 600, colour: theme.muted, align: "center" };
    surface.text(text, plot.left + plot.width / 2, heat.top + heat.height / 2 + size.symbol * 0.36, middle);
  }
  const names = { size: size.tick, colour: theme.muted, align: "right" };
  for (const { row, middle } of unitLabels(size.tick, model.units, heat)) {
    surface.text(String(row), plot.left - 6, middle + size.tick * 0.36, names);
  }
  surface.text(model.texts.unit, plot.left - 6, heat.title, names);
}

// What is left of it, each step in the colour of what carried most of it there.
function drawChart(surface, scene) {
  const { layout, model, theme, outcome, fate } = scene;
  const { chart, plot, size } = layout;
  title(surface, scene, model.texts["size title"], chart.title);
  for (const share of DECADES) {
    const y = Math.round(shareToY(layout, share)) + 0.5;
    const limit = share === model.gone;
    surface.path([plot.left, y, plot.left + plot.width, y], { colour: limit ? theme.text : theme.faint, dash: limit ? [4, 3] : [] });
    surface.text(percentText(share), plot.left - 6, y + size.tick * 0.36, { size: size.tick, colour: theme.muted, align: "right" });
  }
  frame(surface, scene, chart);
  if (!(fate.start > 0)) return;
  const bottom = chart.top + chart.height;
  const columns = Math.min(model.steps, Math.max(Math.floor(plot.width), 1));
  const points = [];
  for (let column = 0; column < columns; column += 1) {
    const first = Math.floor((column * model.steps) / columns);
    const stop = Math.max(Math.floor(((column + 1) * model.steps) / columns), first + 1);
    let most = first;
    for (let t = first; t < stop; t += 1) if (outcome.size[t] > outcome.size[most]) most = t;
    const y = shareToY(layout, outcome.size[most] / fate.start);
    const [x, end] = [stepToX(layout, model.steps, first), stepToX(layout, model.steps, stop)];
    if (y < bottom) surface.rect(x, y, end - x, bottom - y, { fill: scene.soft[mainAt(outcome, most)] });
    points.push(x, y, end, y);
  }
  surface.path(points, { colour: theme.text, width: 1.8 });
  if (fate.died === null) return;
  const x = stepToX(layout, model.steps, fate.died + (model.reverse ? 1 : 0));
  surface.path([x, chart.top, x, bottom], { colour: theme.text, width: 2 });
  const text = model.texts["died at"].replace("{step}", fate.died);
  const room = plot.left + plot.width - x;
  const wide = surface.measure(text, size.tick, 700);
  const ink = { size: size.tick, weight: 700, colour: theme.text, align: room > wide + 10 ? "left" : "right" };
  surface.text(text, x + (room > wide + 10 ? 6 : -6), chart.top + size.tick + 4, ink);
}

export function mainAt({ sizes }, step) {
  let best = NAMES[0];
  for (const name of NAMES) if (sizes[name][step] > sizes[best][step]) best = name;
  return best;
}

function drawAnswer(surface, scene) {
  const { layout, model, theme, outcome } = scene;
  const { answer, plot, size } = layout;
  const classes = model.readout.kind === "classes";
  title(surface, scene, model.texts[classes ? "answer classes" : "answer numbers"], answer.title);
  const most = classes ? 1 : model.readout.span;
  const names = { size: size.tick, colour: theme.muted, align: "right" };
  surface.text(formatTick(most), plot.left - 6, answer.top + size.tick * 0.8, names);
  surface.text("0", plot.left - 6, answer.top + answer.height, names);
  frame(surface, scene, answer);
  if (!outcome.answer) return;
  const { moved, output } = outcome.answer;
  const columns = Math.min(model.steps, Math.max(Math.floor(plot.width), 1));
  for (let column = 0; column < columns; column += 1) {
    const first = Math.floor((column * model.steps) / columns);
    const stop = Math.max(Math.floor(((column + 1) * model.steps) / columns), first + 1);
    let [high, flips] = [0, false];
    for (let t = first; t < stop; t += 1) {
      high = Math.max(high, moved[t]);
      flips ||= output[2 * t] !== output[2 * t + 1];
    }
    const tall = Math.min(high / most, 1) * answer.height;
    const [x, end] = [stepToX(layout, model.steps, first), stepToX(layout, model.steps, stop)];
    const gap = end - x > 5 ? 1 : 0;
    // Another answer than before is solid, the same one less sure is pale.
    const fill = flips ? theme.text : theme.frame;
    if (tall > 0) surface.rect(x, answer.top + answer.height - tall, end - x - gap, tall, { fill });
  }
}

// What is read, and what is read instead at the changed step.
function drawReading(surface, scene) {
  const { layout, model, theme, chosen } = scene;
  const { head, plot, size } = layout;
  const { steps, labels, texts } = model;
  const cell = plot.width / steps;
  const names = { size: size.tick, colour: theme.muted, align: "right" };
  const widest = labels.reduce((most, label) => Math.max(most, surface.measure(showBlank(label), size.symbol, 600)), 0);
  if (labels.length) {
    surface.text(texts.reads, plot.left - 6, head.labels, names);
    const stride = strideFor((Math.min(widest, 80) + 6) / cell);
    for (let t = 0; t < steps; t += stride) {
      const text = fitText(surface, showBlank(labels[t]), stride * cell - 2, size.symbol, 600);
      const half = surface.measure(text, size.symbol, 600) / 2;
      const x = Math.min(Math.max(stepToX(layout, steps, t + 0.5), plot.left + half - 2), layout.width - half);
      surface.text(text, x, head.labels, { size: size.symbol, weight: 600, colour: theme.text, align: "center" });
    }
  }
  const x = stepToX(layout, steps, chosen.step + 0.5);
  const { was, now } = changeTexts(scene);
  const text = was === now ? was : `${was} → ${now}`;
  const wide = surface.measure(text, size.symbol, 700) + 16;
  const flag = Math.min(Math.max(x - wide / 2, 0), layout.width - wide);
  const ink = cssColour(parseColour(model.colours.input));
  surface.rect(flag, head.flag - size.symbol, wide, size.symbol + 6, { fill: ink, radius: 5 });
  // Dark on the input's orange, in both themes.
  surface.text(text, flag + wide / 2, head.flag, { size: size.symbol, weight: 700, colour: "#1b1200", align: "center" });
  const foot = head.flag + 6;
  surface.shape([x - 6, foot, x + 6, foot, x, foot + 7], { fill: ink });
}

function drawSteps(surface, { layout, model, theme }) {
  const { axis, plot, size } = layout;
  const cell = plot.width / model.steps;
  const stride = strideFor((surface.measure(String(model.steps - 1), size.tick) + 12) / cell);
  surface.text(model.texts.step, plot.left - 6, axis.numbers, { size: size.tick, colour: theme.muted, align: "right" });
  for (let t = 0; t < model.steps; t += stride) {
    const x = stepToX(layout, model.steps, t + 0.5);
    surface.rect(x - 0.5, axis.top, 1, 3, { fill: theme.frame });
    surface.text(String(t), x, axis.numbers, { size: size.tick, colour: theme.muted, align: "center" });
  }
}

// A line through all lanes at the changed step, and a fine one under the pointer.
export function drawMarks(surface, { layout, model, theme, chosen }, hover) {
  const cell = layout.plot.width / model.steps;
  const x = stepToX(layout, model.steps, chosen.step + 0.5);
  const ink = cssColour(parseColour(model.colours.input));
  for (const { top, height } of [layout.heat, layout.chart, layout.answer].filter(Boolean)) {
    if (cell >= 7) {
      surface.rect(x - cell / 2, top, cell, height, { stroke: theme.paper, line: 3.5 });
      surface.rect(x - cell / 2, top, cell, height, { stroke: ink, line: 2 });
    } else {
      surface.path([x, top, x, top + height], { colour: theme.paper, width: 4 });
      surface.path([x, top, x, top + height], { colour: ink, width: 2 });
    }
    if (!hover) continue;
    const at = stepToX(layout, model.steps, hover.step + 0.5);
    surface.path([at, top, at, top + height], { colour: theme.text, dash: [2, 3] });
  }
}
