// Values to pixels: one small image per panel and level, stretched onto the screen by the browser.

import { buildLut } from "../shared/colours.js";
import { paintRaster, rasterRows } from "../shared/raster.js";

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
