// Values to pixels: one small image per panel and level, stretched onto the screen by the browser.

import { buildLut } from "./colours.js";

// The images of a model: { panels: [[canvas per level] per panel], outputs: [canvas per level] or null }.
export function rasteriseModel(model, layout, order, theme, scale, old) {
  const wide = Math.round(layout.plot.width * scale);
  const high = Math.round(layout.panels[0].height * scale);
  const panels = model.panels.map((panel, index) =>
    model.levels.map((level, at) => {
      const rows = rasterRows(model.units, level.columns, wide, high);
      return paintRaster(level.panels[index], level.columns, model.top, order, rows, panel.lut, old?.panels[index]?.[at]);
    }),
  );
  if (model.outputs?.kind !== "classes") return { panels, outputs: null };
  const classes = Uint16Array.from(model.outputs.names.keys());
  const lut = buildLut(model.colours.answer[theme.name], [0, 1], [0, 1]);
  const outputs = model.levels.map((level, at) => {
    const rows = rasterRows(classes.length, level.columns, wide, Math.round(layout.outputs.height * scale));
    return paintRaster(level.outputs, level.columns, 65535, classes, rows, lut, old?.outputs?.[at]);
  });
  return { panels, outputs };
}

// Rows of the image. More units than pixels: each pixel row is the mean of its units' values (not of their
// colours). More columns than pixels: rows are drawn at full height, for smoothing must only act along time.
function rasterRows(units, columns, deviceWidth, deviceHeight) {
  return units > deviceHeight || columns > deviceWidth ? Math.max(deviceHeight, 1) : units;
}

// `values` (units, columns) whole numbers up to `top`; `rows` the order of the units; returns a canvas.
function paintRaster(values, columns, top, order, rows, lut, reuse) {
  const canvas = reuse ?? document.createElement("canvas");
  if (canvas.width !== columns || canvas.height !== rows) {
    canvas.width = columns;
    canvas.height = rows;
  }
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const image = context.createImageData(columns, rows);
  const pixels = new Uint32Array(image.data.buffer);
  const shift = top === 65535 ? 8 : 0;
  const units = order.length;
  const sums = new Float64Array(columns);
  for (let row = 0; row < rows; row += 1) {
    const first = Math.floor((row * units) / rows);
    const last = Math.max(Math.floor(((row + 1) * units) / rows), first + 1);
    const target = row * columns;
    if (last === first + 1) {
      const source = order[first] * columns;
      for (let column = 0; column < columns; column += 1) {
        pixels[target + column] = lut[values[source + column] >> shift];
      }
      continue;
    }
    sums.fill(0);
    for (let unit = first; unit < last; unit += 1) {
      const source = order[unit] * columns;
      for (let column = 0; column < columns; column += 1) sums[column] += values[source + column];
    }
    const share = 1 / (last - first);
    for (let column = 0; column < columns; column += 1) {
      pixels[target + column] = lut[Math.round(sums[column] * share) >> shift];
    }
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

// Draws the levels of one picture, coarse first, into a place on a surface.
export function drawRasters(surface, rasters, levels, window, layout, place, scale) {
  const { left, width } = layout.plot;
  const perStep = width / (window.to - window.from);
  surface.clipped(left, place.top, width, place.height, () => {
    levels.forEach((level, index) => {
      const from = Math.max(Math.floor((window.from - level.start) / level.bin), 0);
      const to = Math.min(Math.ceil((window.to - level.start) / level.bin), level.columns);
      if (to <= from) return;
      const x = left + (level.start + from * level.bin - window.from) * perStep;
      const extent = (to - from) * level.bin * perStep;
      surface.image(rasters[index], from, to, x, place.top, extent, place.height, extent * scale < to - from);
    });
  });
}
