// The square: arrows, nullclines, fixed points, the sequence's way and the states that were let go.

import { fillIn } from "../shared/text.js";

const REACH = 0.95;
const HEAD = 0.36;
export const ARROWS = 17;

// Where a state stands, in pixels of the stage.
export function placeOf(layout, [a, b]) {
  const { left, top, side } = layout;
  return [left + ((a + 1) / 2) * side, top + ((1 - b) / 2) * side];
}

export function stateAt({ left, top, side }, x, y) {
  const within = (value) => Math.min(Math.max(value, -1), 1);
  return [within(((x - left) / side) * 2 - 1), within(1 - ((y - top) / side) * 2)];
}

export function computeLayout(width, height, wide) {
  const [left, bottom, top, right] = [wide ? 40 : 34, 34, 24, 10];
  const side = Math.max(Math.min(width - left - right, height - top - bottom), 120);
  return { left, top, side, width: left + side + right, height: top + side + bottom, tick: wide ? 14 : 13 };
}

function pointsOf(layout, states) {
  return states.flatMap((state) => placeOf(layout, state));
}

export function drawField(surface, picture) {
  const { layout, theme, inks, arrows, nullclines, model } = picture;
  const { left, top, side, tick } = layout;
  surface.rect(left, top, side, side, { stroke: theme.frame });
  const [x, y] = placeOf(layout, [0, 0]);
  surface.path([x, top, x, top + side], { colour: theme.faint });
  surface.path([left, y, left + side, y], { colour: theme.faint });
  for (const value of [-1, 0, 1]) {
    const text = value < 0 ? "−1" : String(value);
    const [tx, ty] = placeOf(layout, [value, value]);
    surface.text(text, tx, top + side + tick + 3, { size: tick, colour: theme.muted, align: "center" });
    surface.text(text, left - 7, ty + tick * 0.36, { size: tick, colour: theme.muted, align: "right" });
  }
  const name = (unit) => fillIn(model.texts.unit, { unit });
  surface.text(name(0), left + side * 0.75, top + side + tick + 3, { size: tick, colour: theme.text, align: "center", weight: 600 });
  surface.text(name(1), 2, top - 8, { size: tick, colour: theme.text, weight: 600 });
  surface.clipped(left, top, side, side, () => {
    const gap = 2 / (ARROWS - 1);
    for (const { start, step } of arrows) drawArrow(surface, layout, start, step, gap, theme);
    nullclines.forEach((lines, unit) => {
      for (const line of lines) {
        const places = [];
        for (let at = 0; at < line.length; at += 2) places.push(...placeOf(layout, [line[at], line[at + 1]]));
        surface.path(places, { colour: inks.H_tilde, width: 3, dash: unit === 0 ? [] : [3, 5] });
      }
    });
  });
}

// As long as the root of the step, so that a step of 0.01 is still seen beside one of 1.
function drawArrow(surface, layout, start, step, gap, theme) {
  const size = Math.hypot(step[0], step[1]);
  if (size === 0) return;
  const scale = (REACH * gap * Math.sqrt(size)) / size;
  const [dx, dy] = [step[0] * scale, step[1] * scale];
  const tip = [start[0] + dx, start[1] + dy];
  const barb = (turn) => [tip[0] - HEAD * dx - turn * 0.6 * HEAD * dy, tip[1] - HEAD * dy + turn * 0.6 * HEAD * dx];
  surface.path(pointsOf(layout, [start, tip, barb(1), tip, barb(-1)]), { colour: theme.muted, width: 1.3 });
}

export function drawPoints(surface, picture) {
  const { layout, theme, points } = picture;
  for (const { h, stability } of points) {
    const [x, y] = placeOf(layout, h);
    const style = { stroke: theme.text, line: 3 };
    if (stability === "stable") surface.circle(x, y, 7, { ...style, fill: theme.text });
    else if (stability === "unstable") surface.circle(x, y, 7, { ...style, fill: theme.paper });
    else if (stability === "saddle") {
      surface.circle(x, y, 7, { ...style, fill: theme.paper });
      surface.shape([x - 7, y, x + 7, y, x + 5, y + 5, x, y + 7, x - 5, y + 5], { fill: theme.text });
    } else surface.rect(x - 6, y - 6, 12, 12, { ...style, fill: theme.paper });
  }
}

// The whole way of the sequence, faint, with a dot at each state; what was read so far strong.
export function drawSequence(surface, picture) {
  const { layout, inks, own, position, theme } = picture;
  if (own.length < 2) return;
  const many = own.length > 120;
  surface.path(pointsOf(layout, own), { colour: inks.faintH, width: many ? 1 : 1.5 });
  if (!many) for (const state of own) surface.circle(...placeOf(layout, state), 2.5, { fill: inks.faintH });
  const from = Math.max(position - 12, 0);
  surface.path(pointsOf(layout, own.slice(from, position + 2)), { colour: inks.H, width: 2.5 });
  const [before, after] = [own[position], own[position + 1]].map((state) => placeOf(layout, state));
  surface.path([...before, ...after], { colour: inks.H, width: 5 });
  surface.circle(...before, 5, { fill: theme.paper, stroke: inks.H, line: 3 });
  surface.circle(...after, 7, { fill: inks.H });
}

// A ring, so that a fixed point within it is seen.
export function drawNow(surface, { layout, inks, own, position }) {
  surface.circle(...placeOf(layout, own[position + 1]), 11, { stroke: inks.H, line: 4 });
}

export function drawDropped(surface, picture) {
  const { layout, theme, ways, age } = picture;
  for (const way of ways) {
    const seen = way.slice(0, Math.min(age, way.length - 1) + 1);
    surface.path(pointsOf(layout, seen), { colour: theme.text, width: 1.5 });
    for (const state of seen) surface.circle(...placeOf(layout, state), 2.2, { fill: theme.text });
    surface.circle(...placeOf(layout, way[0]), 5, { fill: theme.paper, stroke: theme.text, line: 2 });
    surface.circle(...placeOf(layout, seen.at(-1)), 6, { fill: theme.accent, stroke: theme.paper, line: 2 });
  }
}

export function drawCross(surface, { layout, theme, cross }) {
  const [x, y] = placeOf(layout, cross);
  surface.path([x - 12, y, x + 12, y], { colour: theme.text, width: 2 });
  surface.path([x, y - 12, x, y + 12], { colour: theme.text, width: 2 });
}
