// What a plane is drawn as: its fixed points, an arrow at each place of a grid, and where each unit stands still.

import { joinedLines, zeroLines } from "./lines.js";
import { ARROWS } from "./picture.js";

const FINE = 97;

export function fieldOf(plane) {
  const place = (at, count) => -1 + (2 * at) / (count - 1);
  const arrows = [];
  for (let i = 0; i < ARROWS; i += 1) {
    for (let j = 0; j < ARROWS; j += 1) {
      const start = [place(i, ARROWS), place(j, ARROWS)];
      arrows.push({ start, step: plane.change(start) });
    }
  }
  const values = [new Float64Array(FINE * FINE), new Float64Array(FINE * FINE)];
  for (let i = 0; i < FINE; i += 1) {
    for (let j = 0; j < FINE; j += 1) {
      const pull = plane.pull([place(i, FINE), place(j, FINE)]);
      values[0][i * FINE + j] = pull[0];
      values[1][i * FINE + j] = pull[1];
    }
  }
  const { kept } = plane;
  const nullclines = values.map((list, unit) => (kept[unit] ? [] : joinedLines(zeroLines(list, FINE))));
  return { kept, points: plane.fixedPoints(), arrows, nullclines };
}
