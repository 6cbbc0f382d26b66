// The unit disc: the eigenvalues at one point, or faintly at all of them while none is chosen.

import { cssColour, parseColour } from "../shared/colours.js";
import { fitText } from "../shared/text.js";
import { pointTitle } from "./words.js";

const GROWS = "#D55E00";

export function drawDisc(surface, scene) {
  const { layout, model, theme, size, point } = scene;
  const { left, top, width, height } = layout.disc;
  const all = model.texts[model.awaited ? "disc awaited" : "disc all"];
  const title = point === null ? all : pointTitle(model, point);
  surface.text(fitText(surface, title, width, size.label, 650), left, top + 17, { size: size.label, weight: 650, colour: theme.text });
  const note = model.awaited ? "" : point === null ? model.texts["disc hint"] : model.points[point].note;
  surface.text(fitText(surface, note, width, size.tick), left, top + 37, { size: size.tick, colour: theme.muted });
  const shown = point === null ? model.points : [model.points[point]];
  const largest = Math.max(1.08, ...model.points.map(({ values }) => largestOf(values)));
  const radius = Math.min(width - 20, height - 74) / 2 / largest;
  const [x, y] = [left + width / 2, top + 46 + (height - 58) / 2];
  const reach = radius * largest;
  surface.path([x - reach, y, x + reach, y], { colour: theme.faint });
  surface.path([x, y - reach, x, y + reach], { colour: theme.faint });
  surface.circle(x, y, radius, { stroke: theme.frame, line: 1.5 });
  surface.text("1", x + radius + 3, y - 4, { size: size.tick, colour: theme.muted });
  surface.text("−1", x - radius - 3, y - 4, { size: size.tick, colour: theme.muted, align: "right" });
  const inside = cssColour(theme.textRgb, point === null ? 0.45 : 0.9);
  const outside = cssColour(parseColour(GROWS), point === null ? 0.6 : 1);
  for (const { values } of shown) {
    for (let at = 0; at < values.length; at += 2) {
      const grows = Math.hypot(values[at], values[at + 1]) > 1;
      surface.circle(x + values[at] * radius, y - values[at + 1] * radius, point === null ? 3 : 4.5, { fill: grows ? outside : inside });
    }
  }
}

function largestOf(values) {
  let largest = 0;
  for (let at = 0; at < values.length; at += 2) largest = Math.max(largest, Math.hypot(values[at], values[at + 1]));
  return Math.min(largest, 4);
}
