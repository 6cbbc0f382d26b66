// The units by how long they keep what they write: a bar each, the longest first.

import { fitText, strideFor, wrapText } from "../shared/text.js";
import { lifePlace, listRow } from "./layout.js";
import { lifeText } from "./words.js";

const TICKS = [0, 1, 3, 10, 30, 100, 300, 1000, 3000, 10000, 30000, 100000];

export function drawUnits(surface, scene) {
  const { model, layout, theme, inks, chosen } = scene;
  const { list, size } = layout;
  const heading = fitText(surface, model.texts.units, layout.width - list.left + 20, size.title, 600);
  surface.text(heading, list.left, list.title, { size: size.title, weight: 600, colour: theme.text });
  const { height } = listRow(layout, model, 0);
  const labelled = strideFor((size.tick + 1) / height);
  const gap = height > 7 ? 2 : 0;
  model.order.forEach((unit, place) => {
    const { top } = listRow(layout, model, place);
    const steps = model.lives[unit];
    const wide = lifePlace(layout, model, steps);
    const lit = chosen.includes(unit);
    surface.rect(list.left, top + gap / 2, Math.max(wide, 1), Math.max(height - gap, 0.8), { fill: lit ? inks.life : theme.faint });
    const mean = lifePlace(layout, model, model.byMean[unit]);
    if (height >= 5) surface.rect(list.left + mean - 1, top + gap / 2, 2, height - gap, { fill: theme.text });
    if (place % labelled > 0) return;
    const y = top + Math.max(height / 2, size.tick * 0.42) + size.tick * 0.36;
    const ink = { size: size.tick, weight: lit ? 650 : 400, colour: lit ? theme.text : theme.muted };
    surface.text(String(unit), list.left - 6, y, { ...ink, align: "right" });
    surface.text(lifeText(steps, model), list.left + Math.max(wide, mean + 1) + 5, y, ink);
  });
  const bottom = list.top + list.height;
  surface.path([list.left, list.top, list.left, bottom], { colour: theme.frame });
  let edge = -Infinity;
  for (const tick of TICKS) {
    if (tick > model.seen) break;
    const x = list.left + lifePlace(layout, model, tick);
    if (x < edge) continue;
    const text = String(tick);
    edge = x + surface.measure(text, size.tick) + 10;
    surface.rect(x - 0.5, bottom, 1, 4, { fill: theme.frame });
    surface.text(text, x, bottom + size.row, { size: size.tick, colour: theme.muted, align: "center" });
  }
  const lines = wrapText(model.texts["mean mark"], layout.width - list.left, (text) => surface.measure(text, size.tick));
  lines.slice(0, layout.wide ? 3 : 2).forEach((line, at) => {
    const y = bottom + size.row * (2 + at);
    if (y < layout.height) surface.text(line, list.left, y, { size: size.tick, colour: theme.muted });
  });
}
