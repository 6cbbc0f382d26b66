// What is drawn: the square with its named places, how often points are where, scores; over it the points of a step.
// A scene is { model, layout, theme, inks, cursor, unit, selected, clamp, dragged, band, hover }.

import { cssColour, parseColour, stopColour } from "../shared/colours.js";
import { drawColourBar } from "../shared/marks.js";
import { fitText } from "../shared/text.js";
import { columnOf, pointOf } from "./data.js";
import { xOf, yOf } from "./layout.js";

const TRAIL = 3;
const MOST_TRAILS = 40;
const MOST_NAMES = 14;

export function drawSquare(surface, scene) {
  const { model, layout, theme } = scene;
  const { left, top, side } = layout.plot;
  if (model.scores) drawScores(surface, scene);
  drawPlaces(surface, scene);
  if (!model.scores) drawDensity(surface, scene);
  for (const share of [0.25, 0.5, 0.75]) {
    surface.path([left + share * side, top, left + share * side, top + side], { colour: theme.faint });
    surface.path([left, top + share * side, left + side, top + share * side], { colour: theme.faint });
  }
  surface.rect(left - 0.5, top - 0.5, side + 1, side + 1, { stroke: theme.frame });
  drawNames(surface, scene);
}

// The corners and the edge that count as a place of their own, as large as they are.
function drawPlaces(surface, { model, layout, theme }) {
  const { left, top, side } = layout.plot;
  const near = model.nearness * side;
  const look = model.scores ? { stroke: cssColour(theme.textRgb, 0.5) } : { fill: cssColour(theme.textRgb, 0.07) };
  surface.rect(left, top, side, near, look);
  surface.rect(left, top + side - near, near, near, look);
  surface.rect(left + side - near, top + side - near, near, near, look);
}

function drawDensity(surface, { model, layout, theme }) {
  const { bins, density } = model;
  const { left, top, side } = layout.plot;
  const cell = side / bins;
  let most = 0;
  for (const share of density) most = Math.max(most, share);
  for (let row = 0; row < bins; row += 1) {
    for (let column = 0; column < bins; column += 1) {
      const share = density[row * bins + column];
      if (share === 0) continue;
      // Three powers of ten from faint to full: a place that is visited once can still be seen.
      const strength = Math.max(1 + Math.log10(share / most) / 3, 0);
      const fill = cssColour(theme.textRgb, 0.06 + 0.26 * strength);
      surface.circle(left + (column + 0.5) * cell, top + side - (row + 0.5) * cell, cell * 0.85, { fill });
    }
  }
}

function drawScores(surface, { model, layout, theme }) {
  const { side: places, values, range } = model.scores;
  const { left, top, side } = layout.plot;
  const stops = model.colours[theme.name];
  const edge = (index) => Math.min(Math.max((index - 0.5) / (places - 1), 0), 1);
  for (let row = 0; row < places; row += 1) {
    for (let column = 0; column < places; column += 1) {
      const share = (values[row * places + column] - range[0]) / (range[1] - range[0]);
      if (Number.isNaN(share)) continue;
      const x = left + edge(column) * side;
      const y = top + (1 - edge(row + 1)) * side;
      // A hair of overlap, or seams show between the places.
      const [wide, high] = [(edge(column + 1) - edge(column)) * side + 0.6, (edge(row + 1) - edge(row)) * side + 0.6];
      surface.rect(x, y, Math.min(wide, left + side - x), Math.min(high, top + side - y), { fill: stopColour(stops, share) });
    }
  }
  const place = { top, height: side };
  drawColourBar(surface, { x: layout.bar, place, size: layout.size, theme, stops, range });
}

function drawNames(surface, scene) {
  const { model, layout, theme, inks } = scene;
  const { texts, shares } = model;
  const { size, plot } = layout;
  const { left, top, side } = plot;
  const tick = { size: size.tick, colour: theme.muted };
  const below = top + side;
  for (const share of [0, 1]) {
    surface.text(String(share), left + share * side, below + size.tick + 4, { ...tick, align: "center" });
    surface.text(String(share), left - 7, below - share * side + size.tick * 0.36, { ...tick, align: "right" });
  }
  surface.text("Z", left - 9, top + side / 2 + size.symbol * 0.36, { size: size.symbol, weight: 700, colour: inks.Z, align: "right" });
  surface.text("R", left + side / 2, below + size.symbol, { size: size.symbol, weight: 700, colour: inks.R, align: "center" });
  const name = (place, x, y, align, room) => {
    const all = shares[place] === "100%";
    const text = texts[`place ${place}`].replace("{share}", shares[place]);
    const weight = all ? 700 : 600;
    surface.text(fitText(surface, text, room, size.name, weight), x, y, {
      size: size.name,
      weight,
      colour: all ? scene.accent : theme.text,
      align,
    });
  };
  const half = side / 2 + 4;
  name("input_only", left - 6, below + size.tick + 23, "left", half);
  name("rnn", left + side + 6, below + size.tick + 23, "right", half);
  name("copy", left + side / 2, top - 9, "center", side);
}

// The points of the step under the cursor, where the last few steps were, and what is chosen.
export function drawPoints(surface, scene) {
  const { model, layout, theme, selected } = scene;
  const column = columnOf(model, scene.cursor);
  const chosen = new Set(selected);
  const radius = model.units > 256 ? 2.5 : model.units > 64 ? 3.5 : 5;
  const at = (unit) => {
    const moved = scene.dragged && (chosen.size === 0 || chosen.has(unit));
    const { r, z } = moved ? { r: scene.clamp[0], z: scene.clamp[1] } : pointOf(model, unit, column);
    return [xOf(layout, r), yOf(layout, z)];
  };
  const trailed = chosen.size ? selected : model.units <= MOST_TRAILS ? [...Array(model.units).keys()] : [];
  if (!scene.dragged && trailed.length <= MOST_TRAILS) {
    for (const unit of trailed) drawTrail(surface, scene, unit, column, chosen.has(unit));
  }
  const units = [...Array(model.units).keys()].filter((unit) => !chosen.has(unit)).concat(selected);
  const piles = new Map();
  for (const unit of units) {
    const [x, y] = at(unit);
    const isChosen = chosen.has(unit);
    const fill = isChosen ? scene.accent : chosen.size ? theme.muted : theme.text;
    surface.circle(x, y, radius + (isChosen ? 1 : 0), { fill, stroke: theme.paper, line: model.scores ? 2.5 : 1.5 });
    const pile = `${Math.round(x / 6)} ${Math.round(y / 6)}`;
    piles.set(pile, [...(piles.get(pile) ?? []), { unit, at: [x, y] }]);
  }
  const named = new Set(scene.unit === null ? [] : [scene.unit]);
  const taken = [];
  // The largest first: where two counts would lie on each other, it is the one that is said.
  for (const pile of [...piles.values()].sort((one, other) => other.length - one.length)) {
    if (pile.length > 2) drawPile(surface, scene, pile.length, pile[0].at, radius, taken);
    else for (const { unit } of pile) if (chosen.has(unit) && selected.length <= MOST_NAMES) named.add(unit);
  }
  if (scene.unit !== null) {
    const [x, y] = at(scene.unit);
    surface.circle(x, y, radius + 5, { stroke: theme.paper, line: 4 });
    surface.circle(x, y, radius + 5, { stroke: theme.text, line: 2 });
  }
  nameUnits(surface, scene, [...named].map((unit) => ({ unit, at: at(unit) })), radius, taken);
}

function drawTrail(surface, { model, layout, theme, accent }, unit, column, isChosen) {
  const first = Math.max(column - TRAIL, 0);
  const rgb = isChosen ? parseColour(accent) : theme.textRgb;
  let before = null;
  for (let step = first; step <= column; step += 1) {
    const { r, z } = pointOf(model, unit, step);
    const here = [xOf(layout, r), yOf(layout, z)];
    const strength = (step - first + 1) / (column - first + 1);
    if (before) surface.path([...before, ...here], { colour: cssColour(rgb, strength * (isChosen ? 0.7 : 0.3)), width: isChosen ? 2.2 : 1.3 });
    before = here;
  }
}

// How many points lie on each other, where one would take them for one.
function drawPile(surface, { layout, theme, clamp, rest }, count, [x, y], radius, taken) {
  const text = `×${count}`;
  const wide = surface.measure(text, layout.size.tick, 700) + 8;
  const { left, top, side } = layout.plot;
  const [r, z] = clamp ?? rest;
  const underHandle = Math.hypot(xOf(layout, r) - x, yOf(layout, z) - y) < 20;
  const gap = underHandle ? 17 : radius + 4;
  const box = x + gap + wide <= left + side ? x + gap : x - gap - wide;
  const middle = Math.min(Math.max(y, top + 11), top + side - 11);
  if (!isFree(taken, box, middle, wide)) return;
  surface.rect(box, middle - 9, wide, 18, { fill: cssColour(theme.paperRgb, 0.85), radius: 4 });
  surface.text(text, box + 4, middle + layout.size.tick * 0.36, { size: layout.size.tick, weight: 700, colour: theme.text });
}

// Numbers beside units, each only where none stands yet.
function nameUnits(surface, { layout, theme }, named, radius, taken) {
  const { size, plot } = layout;
  for (const { unit, at } of named) {
    const text = String(unit);
    const wide = surface.measure(text, size.tick, 700) + 8;
    const x = at[0] - radius - 4 - wide >= plot.left ? at[0] - radius - 4 - wide : at[0] + radius + 4;
    const y = Math.min(Math.max(at[1], plot.top + 9), plot.top + plot.side - 9);
    if (!isFree(taken, x, y, wide)) continue;
    surface.rect(x, y - 9, wide, 18, { fill: theme.text, radius: 4 });
    surface.text(text, x + 4, y + size.tick * 0.36, { size: size.tick, weight: 700, colour: theme.paper });
  }
}

// Whether there is room for a label at (x, y), `wide` across; if so it is taken.
function isFree(taken, x, y, wide) {
  const free = taken.every(([left, middle, width]) => Math.abs(y - middle) >= 17 || x >= left + width || left >= x + wide);
  if (free) taken.push([x, y, wide]);
  return free;
}

// The cross-hair: where gates are held, or where they would be.
export function drawCrossHair(surface, scene) {
  const { layout, theme, clamp, dragged, accent, rest } = scene;
  const { left, top, side } = layout.plot;
  const [x, y] = [xOf(layout, clamp ? clamp[0] : rest[0]), yOf(layout, clamp ? clamp[1] : rest[1])];
  const held = clamp !== null;
  const style = held ? { colour: accent, width: dragged ? 2.5 : 2 } : { colour: theme.muted, width: 1, dash: [3, 5] };
  surface.path([left, y, left + side, y], style);
  surface.path([x, top, x, top + side], style);
  // At rest it lets the points behind it be seen.
  if (held) surface.circle(x, y, 11, { fill: cssColour(theme.paperRgb, 0.35) });
  surface.circle(x, y, 11, { stroke: theme.paper, line: 5 });
  surface.circle(x, y, 11, { stroke: held ? accent : theme.text, line: 2.5 });
  surface.path([x - 6, y, x + 6, y], { colour: held ? accent : theme.text, width: 2 });
  surface.path([x, y - 6, x, y + 6], { colour: held ? accent : theme.text, width: 2 });
}

export function drawBand(surface, { theme, band }) {
  const [x, y] = [Math.min(band.x0, band.x1), Math.min(band.y0, band.y1)];
  const [width, height] = [Math.abs(band.x1 - band.x0), Math.abs(band.y1 - band.y0)];
  surface.rect(x, y, width, height, { fill: cssColour(theme.textRgb, 0.14), stroke: theme.text, line: 1.5 });
}
