// What lies under the heatmaps on the same time axis: the lines of one unit, and the model's output.

import { drawEndNames, rowSpan } from "../shared/marks.js";
import { fitText, formatTick } from "../shared/text.js";
import { drawFrame } from "./axes.js";
import { stepToX } from "./layout.js";
import { decodeValue, finestColumns, unitName } from "./payload.js";
import { drawRasters } from "./raster.js";

const DASHES = [[], [6, 3], [2, 3], [8, 3, 2, 3]];

// Calls visit(x of the column's middle, level, column) for every column that can be seen, and one on each side.
function eachColumn(scene, visit) {
  const { window, layout } = scene;
  for (const [level, from, to] of finestColumns(scene.model)) {
    const first = Math.max(from, Math.floor((window.from - level.start) / level.bin) - 1);
    const last = Math.min(to, Math.ceil((window.to - level.start) / level.bin) + 1);
    for (let column = first; column < last; column += 1) {
      const start = level.start + column * level.bin;
      const middle = (start + Math.min(start + level.bin, level.stop)) / 2;
      visit(stepToX(layout, window, middle), level, column);
    }
  }
}

function drawGrid(surface, scene, place, range) {
  const { layout, theme } = scene;
  const { plot, size } = layout;
  const values = [...new Set([range[0], 0, range[1]])].filter((value) => value >= range[0] && value <= range[1]);
  const y = (value) => place.top + ((range[1] - value) / (range[1] - range[0])) * place.height;
  let lastBaseline = -Infinity;
  for (const value of [...values].sort((a, b) => b - a)) {
    const at = Math.round(y(value)) + 0.5;
    surface.path([plot.left, at, plot.left + plot.width, at], { colour: theme.faint });
    const baseline = Math.min(Math.max(at + size.tick * 0.36, place.top + size.tick * 0.74), place.top + place.height);
    if (baseline - lastBaseline < size.tick) continue;
    lastBaseline = baseline;
    surface.text(formatTick(value), plot.left - 6, baseline, { size: size.tick, colour: theme.muted, align: "right" });
  }
  return y;
}

export function drawLines(surface, scene) {
  const { layout, model, theme, unit } = scene;
  const place = layout.lines;
  const { plot, size } = layout;
  const title = model.texts["lines title"].replace("{unit}", unitName(model, unit));
  surface.text(title, plot.left, place.title, { size: size.title, weight: 600, colour: theme.text });
  const hintLeft = plot.left + surface.measure(title, size.title, 600) + 14;
  const hint = model.texts["lines hint"];
  if (hintLeft + surface.measure(hint, size.title) < plot.left + plot.width - 30) {
    surface.text(hint, hintLeft, place.title, { size: size.title, colour: theme.muted });
  }
  const ranges = model.panels.map((panel) => panel.wire);
  const range = [Math.min(-1, ...ranges.map((part) => part[0])), Math.max(1, ...ranges.map((part) => part[1]))];
  const toY = drawGrid(surface, scene, place, range);
  const uses = new Map();
  const names = model.panels.map((panel, index) => {
    const points = [];
    let end = 0;
    eachColumn(scene, (x, level, column) => {
      const y = toY(decodeValue(model, index, level.panels[index][unit * level.columns + column]));
      points.push(x, y);
      if (x <= plot.left + plot.width) end = y;
    });
    const use = uses.get(panel.label) ?? 0;
    uses.set(panel.label, use + 1);
    const dash = DASHES[use % DASHES.length];
    surface.clipped(plot.left, place.top - 2, plot.width, place.height + 4, () => {
      surface.path(points, { colour: panel.ink, width: layout.wide ? 2.2 : 1.8, dash });
      const dots = points.length / 2 <= plot.width / 14;
      for (let at = 0; dots && at < points.length; at += 2) {
        surface.circle(points[at], points[at + 1], 2.6, { fill: panel.ink });
      }
    });
    return { text: panel.label, colour: panel.ink, y: end };
  });
  const x = plot.left + plot.width + 6;
  drawEndNames(surface, names, { x, right: layout.width, place, tick: layout.size.tick });
  drawFrame(surface, scene, place);
}

export function drawOutputs(surface, scene) {
  const { layout, model, theme } = scene;
  const { plot, size } = layout;
  const place = layout.outputs;
  const { outputs, texts } = model;
  surface.text(texts.output, plot.left, place.title, { size: size.title, weight: 600, colour: theme.text });
  let x = plot.left + surface.measure(texts.output, size.title, 600) + 14;
  const rings = outputs.kind === "classes" && model.levels.some((level) => level.targets);
  const note = layout.noteFits ? outputs.note : "";
  if (note) {
    surface.text(note, x, place.title, { size: size.title, colour: theme.muted });
    x += surface.measure(note, size.title) + 16;
  }
  if (rings) {
    surface.circle(x + 6, place.title - size.title * 0.36, 4.5, { stroke: theme.text, line: 1.6 });
    surface.text(texts.target, x + 16, place.title, { size: size.title, colour: theme.muted });
  }
  if (outputs.kind === "numbers") drawKey(surface, scene, x, place.title);
  if (outputs.kind === "classes") drawClasses(surface, scene, place);
  else drawNumbers(surface, scene, place);
}

// One row per class, shaded by its probability; a ring where the right answer is known.
function drawClasses(surface, scene, place) {
  const { layout, model, theme, window } = scene;
  const { plot, size } = layout;
  const { names } = model.outputs;
  drawRasters(surface, scene.rasters.outputs, model.levels, window, layout, place, scene.scale);
  const rowHeight = place.height / names.length;
  const letters = Math.max(Math.min(size.tick, rowHeight + 1), 11);
  const stride = Math.max(1, Math.ceil((letters - 1) / rowHeight));
  for (let row = 0; row < names.length; row += stride) {
    const { top } = rowSpan(place, names.length, row);
    const text = fitText(surface, names[row], plot.left - 8, letters, 600);
    const baseline = top + Math.max(rowHeight, letters - 2) / 2 + letters * 0.36;
    surface.text(text, plot.left - 6, baseline, { size: letters, weight: 600, colour: theme.text, align: "right" });
  }
  const radius = Math.min(rowHeight / 2 - 2, plot.width / (window.to - window.from) / 2 - 1, 5);
  if (radius > 1.4) {
    eachColumn(scene, (x, level, column) => {
      const target = level.targets ? level.targets[column] : -1;
      if (target < 0 || x < plot.left || x > plot.left + plot.width) return;
      const { top, height } = rowSpan(place, names.length, target);
      surface.circle(x, top + height / 2, radius, { stroke: theme.paper, line: 3.4 });
      surface.circle(x, top + height / 2, radius, { stroke: theme.text, line: 1.6 });
    });
  }
  drawFrame(surface, scene, place);
}

// The curves of a strip of numbers: [name, colour, dash, read(level, column)].
function numberCurves({ model, theme, series }) {
  const { names } = model.outputs;
  const curves = names.map((name, index) => {
    const read = (level, column) => level.outputs[index * level.columns + column];
    return { name, colour: series[index % series.length], dash: [], read };
  });
  if (!model.levels.some((level) => level.targets)) return curves;
  const targets = names.map((_, index) => {
    const read = (level, column) => (level.targets ? level.targets[index * level.columns + column] : NaN);
    return { name: model.texts.target, colour: theme.muted, dash: [4, 3], read };
  });
  return [...targets, ...curves];
}

// Which curve is which, beside the title: names can be long.
function drawKey(surface, scene, x, baseline) {
  const { layout, theme } = scene;
  const { size } = layout;
  const seen = new Set();
  for (const { name, colour, dash } of numberCurves(scene).reverse()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const room = layout.width - x - 26;
    if (room < 24) return;
    const text = fitText(surface, name, room, size.title);
    surface.path([x, baseline - 5, x + 20, baseline - 5], { colour, width: 2, dash });
    surface.text(text, x + 25, baseline, { size: size.title, colour: theme.text });
    x += 25 + surface.measure(text, size.title) + 16;
  }
}

function drawNumbers(surface, scene, place) {
  const { layout, model } = scene;
  const { plot } = layout;
  const toY = drawGrid(surface, scene, place, model.outputs.span);
  surface.clipped(plot.left, place.top - 2, plot.width, place.height + 4, () => {
    for (const { colour, dash, read } of numberCurves(scene)) {
      let points = [];
      // A gap where there is no number; a number alone between gaps is a dot.
      const flush = () => {
        if (points.length === 2) surface.circle(points[0], points[1], 2.6, { fill: colour });
        if (points.length > 2) surface.path(points, { colour, width: 2, dash });
        points = [];
      };
      eachColumn(scene, (x, level, column) => {
        const value = read(level, column);
        if (Number.isFinite(value)) points.push(x, toY(value));
        else flush();
      });
      flush();
    }
  });
  drawFrame(surface, scene, place);
}
