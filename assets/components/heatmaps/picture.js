// The whole picture, and the marks over it. A scene is { model, layout, window, theme, order, unit, cursor,
// rasters: { panels: [[canvas per level] per panel], outputs }, series, scale }.

import { cssColour } from "../shared/colours.js";
import { drawColourBar, rowSpan, unitLabels } from "../shared/marks.js";
import { coverLabels, drawPanelTitle, drawTimeAxis, drawUnitAxis } from "./axes.js";
import { stepToX } from "./layout.js";
import { columnSteps, labelAt, levelAt, unitName } from "./payload.js";
import { drawRasters } from "./raster.js";
import { drawLines, drawOutputs } from "./strips.js";

export function drawPicture(surface, scene) {
  const { layout, model, theme } = scene;
  const x = layout.plot.left + layout.plot.width + 6;
  model.panels.forEach((panel, index) => {
    const place = layout.panels[index];
    drawPanelTitle(surface, scene, index);
    drawRasters(surface, scene.rasters.panels[index], model.levels, scene.window, layout, place, scene.scale);
    drawUnitAxis(surface, scene, place, index === 0 ? model.texts.unit : null);
    const stops = model.colours[panel.scale][theme.name];
    drawColourBar(surface, { x, place, size: layout.size, theme, stops, range: panel.range });
  });
  if (layout.lines) drawLines(surface, scene);
  if (layout.outputs) drawOutputs(surface, scene);
  drawTimeAxis(surface, scene);
  if (layout.note) {
    const { size, plot } = layout;
    const text = model.texts.binned.replace("{n}", visibleBin(scene));
    surface.text(text, plot.left, layout.note.baseline, { size: size.tick, weight: 600, colour: theme.text });
  }
}

// Steps per column in the middle of what is looked at.
export function visibleBin({ model, window }) {
  return Math.max(
    levelAt(model, Math.floor(window.from)).bin,
    levelAt(model, Math.ceil(window.to) - 1).bin,
  );
}

// Everything with a time axis. Marks run through these and leave the titles between them readable.
function lanesOf(layout) {
  return [...layout.panels, layout.lines, layout.outputs].filter(Boolean);
}

// The left and right edge of the column that holds a step.
export function columnEdges(scene, step) {
  const [first, last] = columnSteps(levelAt(scene.model, step), step);
  return [stepToX(scene.layout, scene.window, first), stepToX(scene.layout, scene.window, last + 1)];
}

export function isStepVisible(scene, step) {
  return step + 0.5 >= scene.window.from && step + 0.5 <= scene.window.to;
}

// A frame round the chosen unit's row in every panel, and its number on the axis.
export function drawSelection(surface, scene) {
  const { layout, theme, order, unit } = scene;
  if (unit === null) return;
  const row = order.indexOf(unit);
  const { size, plot } = layout;
  for (const place of layout.panels) {
    const { top, height } = rowSpan(place, order.length, row);
    const [y, extent] = height < 4 ? [top + height / 2 - 2, 4] : [top, height];
    surface.rect(plot.left - 1.5, y - 1.5, plot.width + 3, extent + 3, { stroke: theme.paper, line: 1.5 });
    surface.rect(plot.left - 0.25, y - 0.25, plot.width + 0.5, extent + 0.5, { stroke: theme.text, line: 1.6 });
    const text = unitName(scene.model, unit);
    // At least as wide as any number on the axis, so that it covers the one below.
    const wide = Math.max(...[unit, order.length - 1].map((each) => surface.measure(unitName(scene.model, each), size.tick, 700))) + 8;
    const middle = Math.min(Math.max(y + extent / 2, place.top + 8), place.top + place.height - 8);
    for (const label of unitLabels(size.tick, order.length, place)) {
      if (Math.abs(label.middle - middle) > 9 + size.tick * 0.5) continue;
      surface.rect(plot.left - 3 - wide, label.middle - size.tick * 0.5, wide, size.tick, { fill: theme.paper });
    }
    surface.rect(plot.left - 3 - wide, middle - 9, wide, 18, { fill: theme.text, radius: 4 });
    const ink = { size: size.tick, weight: 700, colour: theme.paper, align: "center" };
    surface.text(text, plot.left - 3 - wide / 2, middle + size.tick * 0.36, ink);
  }
}

// The time cursor: a line through everything and a handle on the axis that says where it stands.
export function drawCursor(surface, scene, active) {
  const { layout, theme, cursor, model } = scene;
  if (!isStepVisible(scene, cursor)) return;
  const [left, right] = columnEdges(scene, cursor);
  const middle = (left + right) / 2;
  for (const { top, height } of lanesOf(layout)) {
    if (right - left >= 7) {
      surface.rect(left, top, right - left, height, { stroke: theme.paper, line: 3.6 });
      surface.rect(left, top, right - left, height, { stroke: theme.text, line: 1.8 });
    } else {
      surface.path([middle, top, middle, top + height], { colour: theme.paper, width: 4.5 });
      surface.path([middle, top, middle, top + height], { colour: theme.text, width: 2 });
    }
  }
  const { size, axis, plot } = layout;
  const label = labelAt(model, cursor);
  const lines = label === null ? [String(cursor)] : [label.length > 14 ? `${label.slice(0, 13)}…` : label, String(cursor)];
  const wide = Math.max(22, ...lines.map((line) => surface.measure(line, size.tick, 700) + 12));
  const x = Math.min(Math.max(middle - wide / 2, plot.left - 3), plot.left + plot.width - wide + 10);
  const { strides } = scene;
  const half = axis.height / 2;
  const rows = [
    { stride: strides.symbols, top: axis.top, nameOf: (step) => labelAt(model, step) },
    { stride: strides.steps, top: axis.top + half, nameOf: String },
  ];
  for (const row of rows) coverLabels(surface, scene, { ...row, from: x, to: x + wide, height: half });
  const fill = active ? theme.accent : theme.text;
  surface.rect(x, axis.top - 2, wide, axis.height + 2, { fill, radius: 5 });
  const ink = { size: size.tick, weight: 700, colour: theme.paper, align: "center" };
  if (label !== null) surface.text(lines[0], x + wide / 2, axis.symbols, ink);
  surface.text(lines.at(-1), x + wide / 2, axis.steps, ink);
}

// The hover's cross through every panel.
export function drawCross(surface, scene, hover) {
  const { layout, theme, order } = scene;
  const [left, right] = columnEdges(scene, hover.step);
  const { plot } = layout;
  const halo = cssColour(theme.paperRgb, 0.75);
  // Round a column or row with room inside, so that its colours stay visible; through the middle of a thin one.
  const frame = (x, y, width, height) => {
    const at = width < 6 ? [x + width / 2, y, 0, height] : [x, y, width, height];
    if (height < 6) [at[1], at[3]] = [y + height / 2, 0];
    surface.rect(...at, { stroke: halo, line: 3 });
    surface.rect(...at, { stroke: theme.text, line: 1 });
  };
  for (const { top, height } of lanesOf(layout)) frame(left, top, right - left, height);
  if (hover.row === null) return;
  for (const place of layout.panels) {
    const { top, height } = rowSpan(place, order.length, hover.row);
    frame(plot.left, top, plot.width, height);
    if (right - left >= 5 && height >= 5) surface.rect(left, top, right - left, height, { stroke: theme.text, line: 2 });
  }
}

// The band that is being dragged out to zoom into.
export function drawBand(surface, scene, band) {
  const { layout, theme } = scene;
  const [from, to] = [Math.min(band.from, band.to), Math.max(band.from, band.to)];
  const clamp = (x) => Math.min(Math.max(x, layout.plot.left), layout.plot.left + layout.plot.width);
  const left = clamp(stepToX(layout, scene.window, from));
  const right = clamp(stepToX(layout, scene.window, to));
  for (const { top, height } of lanesOf(layout)) {
    surface.rect(left, top, right - left, height, { fill: cssColour(theme.textRgb, 0.22), stroke: theme.text });
  }
}
