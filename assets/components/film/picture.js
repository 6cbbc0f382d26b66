// The whole film as it is seen: what stands still, and what moves over it with the frames.

import { nearestIndex } from "../shared/chart.js";
import { showTooltip } from "../shared/dom.js";
import { fillIn, fitText } from "../shared/text.js";
import { drawChartHover, drawChartMarks, drawCharts } from "./curves.js";
import { drawCell, drawPanelFrames, drawPanels } from "./panels.js";
import { drawHandle, drawScrub } from "./scrub.js";
import { binLines, cellLines, curveLines } from "./words.js";

export function drawStill(surface, film) {
  drawCharts(surface, film);
  drawPanelFrames(surface, film);
  drawScrub(surface, film);
}

export function drawMoving(surface, film) {
  const { shown, layout, model, theme } = film;
  if (!shown) {
    const { panels, size } = layout;
    const place = panels[0];
    const ink = { size: size.title, colour: theme.muted };
    surface.text(model.texts.waiting, place.left + 10, place.top + place.height / 2 + 5, ink);
    return;
  }
  drawHead(surface, film, shown);
  drawChartMarks(surface, film, shown);
  drawPanels(surface, film, shown);
  drawHandle(surface, film, shown);
}

// After how many updates this is, and how the sequence in the panels was answered then.
function drawHead(surface, { layout, model, theme }, shown) {
  const { size, head, films, wide, width } = layout;
  const where = fillIn(model.texts.head, { update: shown.update, updates: model.updates });
  surface.text(where, 0, head.baseline, { size: size.head, weight: 700, colour: theme.text });
  const left = wide ? films.left : 0;
  const answer = { size: wide ? size.head : size.value, weight: 700 };
  const said = fitText(surface, shown.answer, width - left, answer.size, answer.weight);
  const room = width - left - (said ? surface.measure(said, answer.size, answer.weight) + 14 : 0);
  const probe = model.texts.probe;
  if (surface.measure(probe, size.title) <= room) {
    surface.text(probe, left, head.answer, { size: size.title, colour: theme.muted });
  }
  surface.text(said, width, head.answer, { ...answer, colour: theme.text, align: "right" });
}

// Marks the hovered place and tells its numbers.
export function drawHover(surface, film) {
  const { hover, shown, nodes, model } = film;
  const lines = hover && shown && !film.grabbed ? hoverLines(surface, film, hover, shown, model) : null;
  if (lines) showTooltip(nodes, lines, hover.x, hover.y);
  else nodes.tooltip.hidden = true;
}

function hoverLines(surface, film, hover, shown, model) {
  if (hover.kind === "cell") {
    drawCell(surface, film, hover.row, hover.step);
    return cellLines(film, shown, film.order[hover.row], hover.step);
  }
  if (hover.kind === "bin") {
    const { length } = shown.shares[hover.gate];
    return length ? binLines(film, shown, hover.gate, Math.floor(hover.share * length)) : null;
  }
  const updates = film.known.map(({ update }) => update);
  const point = hover.kind === "chart" ? hover.point : film.pointAt(updates[nearestIndex(updates, hover.update)]);
  if (point < 0 || point >= film.curves.update.length) return null;
  if (hover.kind === "chart") drawChartHover(surface, film, point);
  return curveLines(film, point, model);
}
