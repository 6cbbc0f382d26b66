// Draws the map, the row of one state as bars above it, and its axes and colours.

import { fitText, showBlank, strideFor } from "../shared/text.js";
import { columnLeft, rowTop } from "./layout.js";
import { inColumns } from "./payload.js";

const MARKS = { share: [0, 0.01, 0.1, 0.5, 1], content: [-1, -0.25, 0, 0.25, 1] };

// What stays while the hand moves over the picture.
export function drawStill(surface, scene) {
  const { model, layout, theme, images } = scene;
  const { plot, map, start, size } = layout;
  surface.text(model.texts.map, start.left, map.title, { size: size.title, weight: 600, colour: theme.text });
  const smooth = model.rows > plot.width;
  surface.image(images.start, 0, 1, start.left, map.top, start.width, map.height, false);
  surface.image(images.written, 0, model.rows, plot.left, map.top, plot.width, map.height, smooth);
  for (const place of [start, plot]) {
    surface.rect(place.left - 0.5, map.top - 0.5, place.width + 1, map.height + 1, { stroke: theme.frame });
  }
  drawAxes(surface, scene);
  drawColours(surface, scene);
}

function drawAxes(surface, scene) {
  const { model, layout, theme } = scene;
  const { start, plot, map, axis, size } = layout;
  const { steps, bin, rows, texts, named, ticks } = model;
  const muted = { size: size.tick, colour: theme.muted };
  const centred = { ...muted, align: "center" };
  surface.text("H₀", start.left + start.width / 2, axis.steps, { ...centred, weight: 600, colour: theme.text });
  const cell = plot.width / rows / bin;
  const each = strideFor((surface.measure(String(steps - 1), size.tick) + 12) / cell);
  // As many labels as stand apart, be they letters or dates.
  const widest = named ? Math.max(...ticks.map((tick) => surface.measure(showBlank(tick), size.tick, 600))) : 0;
  const stride = strideFor((Math.min(widest, 120) + 3) / cell);
  const symbols = named && stride * 3 <= steps + 2 && (stride === 1 || ticks.some((tick) => tick.length > 2));
  const right = plot.left + plot.width;
  for (let step = 0; step < steps; step += 1) {
    const x = columnLeft(layout, model, (step + 0.5) / bin);
    if (step % each === 0) surface.text(String(step), x, axis.steps, centred);
    if (!symbols || !ticks[step] || step % stride > 0) continue;
    const name = fitText(surface, showBlank(ticks[step]), Math.max(stride * cell - 1, 14), size.tick, 600);
    const half = surface.measure(name, size.tick, 600) / 2;
    surface.text(name, Math.min(Math.max(x, start.left + half), right + 20 - half), axis.symbols, { ...centred, weight: 600, colour: theme.text });
  }
  if (!symbols) surface.text(texts.written, plot.left + plot.width / 2, axis.symbols, centred);
  const down = map.height / rows / bin;
  const every = strideFor((size.tick + 6) / down);
  for (let step = 0; step < steps; step += every) {
    const y = rowTop(layout, model, (step + 0.5) / bin) + size.tick * 0.36;
    surface.text(String(step), start.left - 6, y, { ...muted, align: "right" });
  }
}

// The locked range, its marks where the square root puts them.
function drawColours(surface, { model, layout, theme, stopAt }) {
  const { colours, map, size } = layout;
  const bands = 48;
  for (let band = 0; band < bands; band += 1) {
    const top = map.top + map.height * (1 - (band + 1) / bands);
    surface.rect(colours.left, top, colours.width, map.height / bands + (band ? 0.6 : 0), { fill: stopAt(band / (bands - 1)) });
  }
  surface.rect(colours.left - 0.5, map.top - 0.5, colours.width + 1, map.height + 1, { stroke: theme.frame });
  const { signed } = model.wire;
  for (const mark of MARKS[signed ? "content" : "share"]) {
    const root = Math.sign(mark) * Math.sqrt(Math.abs(mark));
    const share = signed ? (root + 1) / 2 : root;
    const y = map.top + size.tick * 0.74 + (1 - share) * (map.height - size.tick * 0.74);
    const text = signed ? String(mark).replace("-", "−") : `${mark * 100}%`;
    surface.text(text, colours.left + colours.width + 4, y, { size: size.tick, colour: theme.muted });
  }
}

// The row of the shown state as bars, and where it stands in the map.
export function drawRow(surface, scene) {
  const { model, layout, theme, row, rowText, step, inks } = scene;
  const { start, plot, bars, map, size } = layout;
  const { signed } = model.wire;
  surface.text(rowText, start.left, bars.title, { size: size.title, weight: 600, colour: theme.text });
  const zero = signed ? bars.top + bars.height / 2 : bars.top + bars.height;
  const unit = signed ? bars.height / 2 : bars.height;
  const right = plot.left + plot.width;
  const labels = { size: size.tick, colour: theme.muted, align: "right" };
  // Contents are small where units cancel out: their bars go with the square root, as colours do.
  const high = (value) => (signed ? Math.sqrt(Math.min(Math.abs(value), 1)) : Math.min(value, 1));
  const marks = signed ? [[-1, "−1"], [1, "+1"]] : [[0, "0%"], [0.5, "50%"], [1, model.texts.full]];
  for (const [mark, text] of marks) {
    const y = zero - Math.sign(mark) * high(mark) * unit;
    surface.path([start.left, y, right, y], { colour: theme.faint });
    surface.text(text, start.left - 6, y + size.tick * (mark === 1 ? 0.7 : mark > 0 ? 0.36 : 0.1), labels);
  }
  const columns = inColumns(row, model);
  const width = plot.width / model.rows;
  const gap = width > 6 ? 1 : 0;
  const bar = (left, wide, value, fill) => {
    const height = high(value) * unit;
    if (height > 0) surface.rect(left, value < 0 ? zero : zero - height, wide, Math.max(height, 1), { fill });
  };
  bar(start.left, start.width, row.start, inks.start);
  columns.forEach((value, column) => bar(columnLeft(layout, model, column) + gap / 2, width - gap, value, inks.written));
  surface.path([start.left, zero, right, zero], { colour: theme.frame });
  const top = rowTop(layout, model, Math.floor(step / model.bin));
  const height = Math.max(map.height / model.rows, 3);
  surface.rect(start.left - 2, top - 1, right - start.left + 4, height + 2, { stroke: theme.text, line: 2 });
}

// The column that is read, through the bars and the map; -1 is that of H_0.
export function drawSource(surface, { model, layout, theme, column }) {
  if (column === null) return;
  const { start, plot, bars, map } = layout;
  const left = column < 0 ? start.left : columnLeft(layout, model, column);
  const width = column < 0 ? start.width : Math.max(plot.width / model.rows, 3);
  for (const place of [bars, map]) {
    surface.rect(left - 1, place.top, width + 2, place.height, { stroke: theme.accent, line: 2 });
  }
}
