// The film strip: a bar over all updates with a mark per frame, the learned flag, and the handle.

import { FLAG, chartX, drawFlag, niceTicks } from "../shared/chart.js";
import { mixColours, cssColour } from "../shared/colours.js";
import { fillIn, fitText, formatTick } from "../shared/text.js";

// The bar as a chart, so that updates are found on it in the same way.
export function scrubChart({ layout, model }) {
  return { ...layout.scrub, x: [0, model.updates] };
}

function updateTicks(surface, bar, size) {
  const widest = surface.measure(formatTick(bar.x[1]), size.tick) + 44;
  const ticks = niceTicks(...bar.x, Math.floor(bar.width / widest));
  return ticks.map((value) => {
    const half = surface.measure(formatTick(value), size.tick) / 2;
    const x = chartX(bar, value);
    return { value, x, half, at: Math.min(x, bar.left + bar.width + 12 - half) };
  });
}

export function drawScrub(surface, film) {
  const { theme, layout, model, fedFacts, known, bar } = film;
  const { size } = layout;
  const { texts } = model;
  surface.rect(bar.left, bar.top, bar.width, bar.height, { fill: theme.faint, radius: 4 });
  const done = chartX(bar, Math.min(fedFacts.done, model.updates)) - bar.left;
  if (done > 1) surface.rect(bar.left, bar.top, done, bar.height, { fill: theme.muted, radius: 4 });
  const mark = cssColour(mixColours(theme.textRgb, theme.paperRgb, 0.1));
  for (const { update } of known) {
    surface.rect(chartX(bar, update) - 1, bar.top - 4, 2, bar.height + 8, { fill: mark });
  }
  for (const { value, x, at } of updateTicks(surface, bar, size)) {
    surface.rect(x - 0.5, bar.top + bar.height + 5, 1, 4, { fill: theme.frame });
    surface.text(formatTick(value), at, bar.ticks, { size: size.tick, colour: theme.muted, align: "center" });
  }
  surface.text(texts.updates, bar.left - 14, bar.ticks, { size: size.tick, colour: theme.muted, align: "right" });
  drawLearned(surface, film);
}

function drawLearned(surface, { theme, layout, model, fedFacts, bar }) {
  const { size } = layout;
  const ink = { size: size.title, weight: 700, colour: theme.text };
  const edge = bar.left + bar.width + 12;
  if (fedFacts.learnedAt === null) {
    if (fedFacts.live || model.learnedScore === null) return;
    const text = fitText(surface, model.texts["not learned"], bar.width, size.title, 600);
    surface.text(text, edge, bar.words, { ...ink, weight: 600, colour: theme.muted, align: "right" });
    return;
  }
  const x = chartX(bar, fedFacts.learnedAt);
  const words = fillIn(model.texts.learned, { update: fedFacts.learnedAt });
  const wide = surface.measure(words, size.title, 700);
  const side = x + FLAG + 8 + wide <= edge ? 1 : -1;
  drawFlag(surface, x, bar.top + bar.height, bar.words - FLAG + 2, theme.text, side);
  surface.text(words, x + (FLAG + 6) * side, bar.words, { ...ink, align: side === 1 ? "left" : "right" });
}

// The handle, and under it the update it stands at, on paper that hides the numbers it would cross.
export function drawHandle(surface, film, frame) {
  const { theme, layout, bar, grabbed } = film;
  const { size } = layout;
  const x = chartX(bar, frame.update);
  const middle = bar.top + bar.height / 2;
  const fill = grabbed ? theme.accent : theme.text;
  surface.circle(x, middle, 11, { fill, stroke: theme.paper, line: 3 });
  const text = formatTick(frame.update);
  const wide = surface.measure(text, size.tick + 1, 700) + 16;
  const left = Math.min(Math.max(x - wide / 2, bar.left - 10), bar.left + bar.width + 13 - wide);
  let [from, to] = [left - 4, left + wide + 4];
  for (const { at, half } of updateTicks(surface, bar, size)) {
    if (at + half > left - 4 && at - half < left + wide + 4) [from, to] = [Math.min(from, at - half - 1), Math.max(to, at + half + 1)];
  }
  const top = bar.ticks - size.row + 2;
  surface.rect(from, top, to - from, size.row + 4, { fill: theme.paper });
  surface.rect(left, top, wide, size.row + 4, { fill, radius: 6 });
  const ink = { size: size.tick + 1, weight: 700, colour: theme.paper, align: "center" };
  surface.text(text, left + wide / 2, bar.ticks + 1, ink);
}
