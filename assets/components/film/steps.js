// The axis of time under the heatmaps: the steps' numbers and, over them, their symbols.

import { placeTicks } from "../shared/labels.js";
import { fitText, showBlank } from "../shared/text.js";

// Between numbers, and between symbols of which some are left out: nobody shall read those as a sequence.
const APART = 12;
const LONGEST = 90;

export function drawSteps(surface, { layout, model, theme, hasSymbols }) {
  const { size, steps } = layout;
  const columns = layout.panels.filter(({ left }, index, all) => all.findIndex((other) => other.left === left) === index);
  const muted = { size: size.tick, colour: theme.muted };
  const rows = stepRows(surface, layout, model, hasSymbols, columns[0].width);
  for (const { left, first } of columns) {
    for (const { text, middle } of rows.symbols) {
      surface.text(text, left + middle, steps.symbols, { size: rows.small, weight: 600, colour: theme.text, align: "center" });
    }
    for (const { text, middle } of rows.numbers) {
      surface.text(text, left + middle, steps.numbers, { ...muted, align: "center" });
    }
    if (!first) continue;
    surface.text(model.texts.step, left - 6, steps.numbers, { ...muted, align: "right" });
    if (hasSymbols) surface.text(model.texts.symbol, left - 6, steps.symbols, { ...muted, align: "right" });
  }
}

// Every symbol where all have room; where not, symbols stand over the same few steps as the numbers.
function stepRows(surface, { size }, { steps, ticks }, hasSymbols, width) {
  const numbers = Array.from({ length: steps }, (_, step) => String(step));
  const place = (labels, tick, weight, apart) => {
    const measure = (text) => surface.measure(text, tick, weight);
    const room = Math.min(LONGEST, width);
    return { labels: labels.map((text) => fitText(surface, text, room, tick, weight)), measure, width, apart };
  };
  const count = place(numbers, size.tick, 400, APART);
  if (!hasSymbols) return { symbols: [], ...placeTicks({ numbers: count }), small: size.tick };
  const symbols = ticks.map(showBlank);
  const close = symbols.every((text) => [...text].length < 2) ? 1 : 6;
  // A little smaller, if then every step has its symbol.
  for (const small of [size.tick, size.tick - 2]) {
    const all = placeTicks({ symbols: place(symbols, small, 600, close) });
    if (all.stride === 1) return { symbols: all.symbols, ...placeTicks({ numbers: count }), small };
  }
  return { ...placeTicks({ numbers: count, symbols: place(symbols, size.tick, 600, APART) }), small: size.tick };
}
