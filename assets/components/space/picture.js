// Draws the paths, the points where a state stays, and the directions; and over them the step under the cursor.

import { mixColours, parseColour, cssColour } from "../shared/colours.js";
import { fitText } from "../shared/text.js";

export const WIDE = 760;
const DISC = 270;
const TAIL = 6;

// Where the parts are: the paths, and beside or below them the disc of eigenvalues.
export function layoutFor(width, height, hasDisc) {
  const small = width < WIDE;
  const size = { tick: small ? 12 : 13, label: small ? 13 : 15 };
  if (!hasDisc) return { width, height, size, paths: inner(0, 0, width, height), area: [0, 0, width, height], disc: null };
  if (!small) {
    const wide = width - DISC - 12;
    const disc = { left: wide + 12, top: 0, width: DISC, height };
    return { width, height, size, paths: inner(0, 0, wide, height), area: [0, 0, wide, height], disc };
  }
  const top = Math.round(height * 0.9);
  const disc = { left: 0, top: top + 8, width, height: 290 };
  return { width, height: top + 298, size, paths: inner(0, 0, width, top), area: [0, 0, width, top], disc };
}

function inner(left, top, width, height) {
  return { left: left + 34, top: top + 26, width: width - 68, height: height - 58 };
}

export function drawPaths(surface, scene) {
  const { layout, model, theme } = scene;
  surface.clipped(...layout.area, () => {
    drawDirections(surface, scene);
    const main = model.paths.findIndex((path) => path.main);
    model.paths.forEach((path, index) => index !== main && drawPath(surface, scene, path));
    if (main >= 0) drawPath(surface, scene, model.paths[main]);
    drawPoints(surface, scene);
  });
  const [left, top, width, height] = layout.area;
  surface.rect(left + 0.5, top + 0.5, width - 1, height - 1, { stroke: theme.faint, radius: 6 });
}

// In space a small cross in the corner that turns along; on a flat picture the names of its two sides.
function drawDirections(surface, scene) {
  const { layout, model, theme, size, deep, projected } = scene;
  const [left, top, width, height] = layout.area;
  const style = { size: size.tick, colour: theme.muted };
  if (deep) {
    const [x, y, arm] = [left + 52, top + height - 46, 30];
    model.axes.forEach(({ short }, axis) => {
      const [dx, dy] = projected.turn(...[0, 1, 2].map((other) => (other === axis ? 1 : 0)));
      surface.path([x, y, x + dx * arm, y - dy * arm], { colour: theme.frame, width: 1.5 });
      surface.text(short, x + dx * (arm + 12), y - dy * (arm + 12) + 4, { ...style, align: "center" });
    });
    return;
  }
  const [middle] = [projected.place(model.mean, 0)];
  surface.path([left, middle[1], left + width, middle[1]], { colour: theme.faint });
  if (model.axes.length > 1) surface.path([middle[0], top, middle[0], top + height], { colour: theme.faint });
  const across = fitText(surface, `${model.axes[0].name} →`, width - 20, size.tick);
  surface.text(across, left + width - 10, top + height - 9, { ...style, align: "right" });
  if (model.axes.length > 1) {
    surface.text(fitText(surface, `↑ ${model.axes[1].name}`, width - 20, size.tick), left + 10, top + 18, style);
  }
}

// What is farther away is paler.
function faded(scene, rgb, depth, least) {
  if (!scene.deep) return cssColour(rgb);
  const share = Math.min(Math.max((depth + 1) / 2, 0), 1);
  return cssColour(mixColours(scene.theme.paperRgb, rgb, least + (1 - least) * share));
}

function drawPath(surface, scene, path) {
  const { colouring, deep } = scene;
  const places = scene.onScreen.get(path);
  const own = parseColour(path.colours[scene.theme.name]);
  const coloured = path.main && colouring.name !== "setting";
  const width = path.main ? 2 : 1.2;
  if (places.length === 3) return dot(surface, places[0], places[1], path.main ? 5 : 4, cssColour(own));
  if (!coloured && !deep) {
    const line = [];
    for (let at = 0; at < places.length; at += 3) line.push(places[at], places[at + 1]);
    surface.path(line, { colour: cssColour(path.main ? own : mixColours(scene.theme.paperRgb, own, 0.75)), width, dash: path.dash });
  } else {
    for (let at = 3; at < places.length; at += 3) {
      const rgb = coloured ? scene.stepColour(at / 3) : own;
      const colour = faded(scene, coloured ? mixColours(scene.theme.paperRgb, rgb, 0.75) : rgb, places[at + 2], path.main ? 0.55 : 0.25);
      surface.path([places[at - 3], places[at - 2], places[at], places[at + 1]], { colour, width: coloured ? 1.3 : width, dash: path.dash });
    }
  }
  const radius = places.length > 1800 ? 1.5 : path.main ? 3.6 : 2;
  for (let at = 0; at < places.length; at += 3) {
    const rgb = coloured ? scene.stepColour(at / 3) : own;
    dot(surface, places[at], places[at + 1], radius, faded(scene, rgb, places[at + 2], path.main ? 0.6 : 0.3));
  }
  return undefined;
}

function dot(surface, x, y, radius, fill) {
  surface.circle(x, y, radius, { fill });
}

// Discs are stable, rings and crosses are not; each with what the model would answer there.
function drawPoints(surface, scene) {
  const { model, theme, size, point } = scene;
  const places = scene.onScreen.get("points");
  const slow = scene.onScreen.get("slow");
  for (let at = 0; at < slow.length; at += 3) ring(surface, slow[at], slow[at + 1], 6, theme.muted);
  const order = model.points.map((_, index) => index).sort((a, b) => places[a * 3 + 2] - places[b * 3 + 2]);
  for (const index of order) {
    const { kind, answer } = model.points[index];
    const [x, y, depth] = places.subarray(index * 3, index * 3 + 3);
    const colour = faded(scene, theme.textRgb, depth, 0.55);
    const radius = scene.deep ? 5.5 + 2 * depth : 6.5;
    drawMark(surface, kind, x, y, radius, colour, theme.paper);
    if (index === point) surface.circle(x, y, radius + 5, { stroke: theme.accent, line: 2.5 });
    if (kind === "stable" && answer) {
      const wide = surface.measure(answer, size.label, 650);
      surface.rect(x + radius + 4, y - size.label * 0.85, wide + 4, size.label + 3, { fill: cssColour(theme.paperRgb, 0.72), radius: 3 });
      surface.text(answer, x + radius + 6, y + size.label * 0.15, { size: size.label, weight: 650, colour });
    }
  }
}

export function drawMark(surface, kind, x, y, radius, colour, paper) {
  if (kind === "unstable") {
    const arm = radius * 0.9;
    surface.path([x - arm, y - arm, x + arm, y + arm], { colour, width: 2.6 });
    surface.path([x - arm, y + arm, x + arm, y - arm], { colour, width: 2.6 });
    return;
  }
  if (kind === "saddle") surface.circle(x, y, radius - 0.5, { fill: paper, stroke: colour, line: 2.2 });
  else surface.circle(x, y, radius, { fill: colour, stroke: paper, line: 1.2 });
}

function ring(surface, x, y, radius, colour) {
  const points = [];
  for (let at = 0; at <= 24; at += 1) points.push(x + radius * Math.cos((at * Math.PI) / 12), y + radius * Math.sin((at * Math.PI) / 12));
  surface.path(points, { colour, width: 2, dash: [3, 3] });
}

// The step under the cursor on every path, on the main one with where it came from.
export function drawCursor(surface, scene) {
  const { layout, model, theme, index } = scene;
  surface.clipped(...layout.area, () => {
    for (const path of model.paths) {
      const places = scene.onScreen.get(path);
      const colour = cssColour(parseColour(path.colours[theme.name]));
      const [x, y] = places.subarray(index * 3, index * 3 + 2);
      if (!path.main) {
        surface.circle(x, y, 5, { fill: theme.paper, stroke: colour, line: 2 });
        continue;
      }
      const tail = [];
      for (let at = Math.max(index - TAIL, 0); at <= index; at += 1) tail.push(places[at * 3], places[at * 3 + 1]);
      if (tail.length > 2) surface.path(tail, { colour: theme.text, width: 3.5 });
      surface.circle(x, y, 8.5, { fill: colour, stroke: theme.paper, line: 2.5 });
      surface.circle(x, y, 10, { stroke: theme.text, line: 2 });
    }
  });
}
