// Sentences and numbers computed from what is drawn.

import { fillIn, formatValue, showBlank, together } from "../shared/text.js";
import { columnOf, labelOf, pointOf, scoreAt } from "./data.js";

// "Step 7 (‘b’)" or "Step 7".
export function whereText(model, step) {
  const symbol = labelOf(model, step);
  const name = symbol === null ? "where step" : "where symbol";
  return fillIn(model.texts[name], { step, symbol: symbol === null ? "" : showBlank(symbol) });
}

// Where the units are at a step, and what is held; while the cross-hair is dragged, what letting go of it does.
export function stepSentence(model, { cursor, selected }, clamp, dragged) {
  const { texts, units } = model;
  if (dragged) {
    const at = { r: formatValue(clamp[0], 2), z: formatValue(clamp[1], 2), count: selected.length };
    return fillIn(texts[selected.length ? "will hold some" : "will hold all"], at);
  }
  const column = columnOf(model, cursor);
  const [rnn, inputOnly, copy] = model.near.map((counts) => counts[column]);
  const where = whereText(model, cursor);
  const said = [fillIn(texts.sentence, { where, units, copy, rnn, input: inputOnly })];
  if (clamp && model.held !== 0) {
    const at = { r: formatValue(clamp[0], 2), z: formatValue(clamp[1], 2), count: model.held };
    said.push(fillIn(texts[model.held === units ? "held all" : "held some"], at));
  }
  return together(said);
}

// The lines of the tooltip over a point.
export function pointLines(model, unit, step, inks, others) {
  const { r, z } = pointOf(model, unit, columnOf(model, step));
  return [
    { text: fillIn(model.texts.unit, { unit }), strong: true },
    { text: "R", ink: inks.R, value: formatValue(r, model.digits) },
    { text: "Z", ink: inks.Z, value: formatValue(z, model.digits) },
    { text: whereText(model, step) },
    ...(others > 0 ? [{ text: fillIn(model.texts["more here"], { count: others }) }] : []),
  ];
}

// The lines of the tooltip over a place of the grid of scores.
export function scoreLines(model, place) {
  const { r, z, score } = scoreAt(model.scores, place.r, place.z);
  return [
    { text: fillIn(model.texts[model.scores.some ? "frozen some" : "frozen all"], { r: formatValue(r, 1), z: formatValue(z, 1) }) },
    { text: model.texts.score, value: formatValue(score, 3) },
  ];
}
