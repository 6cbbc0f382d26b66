// The heatmaps and histograms: what stands still around them, and what each frame shows in them.

import { cssColour } from "../shared/colours.js";
import { drawColourBar, rowSpan, unitLabels } from "../shared/marks.js";
import { fillIn } from "../shared/text.js";
import { drawSteps } from "./steps.js";

// Heights go by the square root, so that a share of 1 % can be seen beside one of 90 %.
const LEVELS = [0.05, 0.25, 1];

function barHeight(place, share) {
  return Math.sqrt(share) * place.height;
}

export function drawPanelFrames(surface, film) {
  const { layout, model, theme, panels, order } = film;
  const { size } = layout;
  layout.panels.forEach((place, index) => {
    const panel = panels[index];
    const room = place.left + place.width;
    surface.text(panel.label, place.left, place.title, { size: size.symbol, weight: 750, colour: panel.ink });
    let x = place.left + surface.measure(panel.label, size.symbol, 750) + 8;
    for (const [words, weight, colour] of [[panel.title, 600, theme.text], [panel.hint, 400, theme.muted]]) {
      const wide = surface.measure(words, size.title, weight);
      if (x + wide > room) break;
      surface.text(words, x, place.title, { size: size.title, weight, colour });
      x += wide + 10;
    }
    surface.rect(place.left - 0.5, place.top - 0.5, place.width + 1, place.height + 1, { stroke: theme.frame });
    if (!place.first) return;
    const tick = { size: size.tick, colour: theme.muted, align: "right" };
    if (index === 0) surface.text(model.texts.unit, place.left - 6, place.title, tick);
    for (const { row, middle } of unitLabels(size.tick, model.units, place)) {
      surface.text(String(order[row]), place.left - 6, middle + size.tick * 0.36, tick);
    }
  });
  for (const { x, panel, place } of layout.bars) {
    const { scale, range } = panels[panel];
    drawColourBar(surface, { x, place, size, theme, stops: model.colours[scale][theme.name], range });
  }
  drawSteps(surface, film);
  layout.hists.forEach((place, gate) => drawHistogramFrame(surface, film, place, gate));
}

function drawHistogramFrame(surface, { layout, model, theme, panels }, place, gate) {
  const { size } = layout;
  const room = place.left + place.width + 4;
  const title = fillIn(model.texts.histogram, { gate: panels[gate].label });
  surface.text(title, place.left, place.title, { size: size.title, weight: 600, colour: theme.text });
  const x = place.left + surface.measure(title, size.title, 600) + 10;
  const hint = model.texts["histogram hint"];
  if (x + surface.measure(hint, size.title) <= room) {
    surface.text(hint, x, place.title, { size: size.title, colour: theme.muted });
  }
  for (const level of LEVELS) {
    const y = Math.round(place.top + place.height - barHeight(place, level)) + 0.5;
    surface.path([place.left, y, place.left + place.width, y], { colour: theme.faint });
    if (!place.first) continue;
    const text = fillIn(model.texts.percent, { n: level * 100 });
    surface.text(text, place.left - 6, y + size.tick * 0.36, { size: size.tick, colour: theme.muted, align: "right" });
  }
  const foot = place.top + place.height + 0.5;
  surface.path([place.left, foot, place.left + place.width, foot], { colour: theme.frame });
  [[0, "0", "left"], [0.5, "0.5", "center"], [1, "1", "right"]].forEach(([at, text, align]) => {
    surface.text(text, place.left + at * place.width, place.ticks, { size: size.tick, colour: theme.muted, align });
  });
}

export function drawPanels(surface, film, frame) {
  const { layout, panels, theme } = film;
  layout.panels.forEach((place, index) => {
    const image = film.raster(frame, index);
    const smooth = place.width * film.scale < image.width;
    surface.image(image, 0, image.width, place.left, place.top, place.width, place.height, smooth);
  });
  layout.hists.forEach((place, gate) => {
    const shares = frame.shares[gate];
    const wide = place.width / shares.length;
    shares.forEach((share, bin) => {
      if (!(share > 0)) return;
      const height = Math.max(barHeight(place, share), 1);
      const x = place.left + bin * wide + 1;
      surface.rect(x, place.top + place.height - height, Math.max(wide - 2, 1), height, { fill: panels[gate].fill });
    });
    if (Number.isNaN(shares[0])) {
      const { size } = layout;
      const ink = { size: size.tick, colour: theme.muted, align: "center" };
      surface.text(film.model.texts.unknown, place.left + place.width / 2, place.top + place.height / 2 + 4, ink);
    }
  });
}

// A frame round the hovered cell in every panel.
export function drawCell(surface, { layout, model, theme }, row, step) {
  const halo = cssColour(theme.paperRgb, 0.8);
  for (const place of layout.panels) {
    const { top, height } = rowSpan(place, model.units, row);
    const width = place.width / model.steps;
    const [grownX, grownY] = [Math.max(6 - width, 0) / 2, Math.max(6 - height, 0) / 2];
    const box = [place.left + step * width - grownX, top - grownY, width + 2 * grownX, height + 2 * grownY];
    surface.rect(...box, { stroke: halo, line: 4 });
    surface.rect(...box, { stroke: theme.text, line: 1.8 });
  }
}
