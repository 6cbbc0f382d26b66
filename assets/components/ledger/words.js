// Sentences and numbers computed from what is drawn.

import { fillIn, formatTick, showBlank } from "../shared/text.js";
import { largest, stretchOf } from "./payload.js";

export function shareText(value, model) {
  if (model.wire.signed) return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`;
  const percent = value * 100;
  if (percent === 0) return "0%";
  if (percent < 0.1) return "<0.1%";
  if (percent > 99.9 && percent < 100) return ">99.9%";
  return `${percent < 10 ? percent.toFixed(1) : Math.round(percent)}%`;
}

export function lifeText(steps, model) {
  if (!Number.isFinite(steps)) return fillIn(model.texts["longer than"], { steps: model.seen });
  return formatTick(steps >= 100 ? Math.round(steps) : Number(steps.toPrecision(3)));
}

// "step 7 (‘b’)", "steps 700 to 704", "H₀".
export function placeText(model, from, to = from) {
  const { texts, ticks, named } = model;
  if (from < 0) return "H₀";
  if (from !== to) return fillIn(texts.steps, { first: from, last: to });
  const symbol = named ? ticks[from] : "";
  return fillIn(texts[symbol ? "step symbol" : "step"], { step: from, symbol: showBlank(symbol ?? "") });
}

export function partPlace(model, row, part) {
  return part < 0 ? "H₀" : placeText(model, part * row.size, Math.min((part + 1) * row.size, model.steps) - 1);
}

export function stateText(model, step, row) {
  const [first, last] = row.exact ? [step, step] : stretchOf(model, Math.floor(step / model.bin));
  const key = first === last ? "where state" : "where states";
  return fillIn(model.texts[key], { place: placeText(model, first, last) });
}

// What the state at a step is made of; with a `source` (a part, -1 for H_0) how much of it was written there.
export function stepSentence(model, step, row, source) {
  const { texts, wire, backward } = model;
  const where = stateText(model, step, row);
  const at = source ?? largest(row, backward);
  const value = at < 0 ? row.start : row.parts[at];
  const words = { where, share: shareText(value, model), source: partPlace(model, row, at) };
  if (source !== null) return fillIn(texts[wire.signed ? "sentence content source" : "sentence source"], words);
  words.start = shareText(row.start, model);
  const age = formatTick(Number(row.age.toPrecision(3)));
  words.age = age === "1" ? texts["age one"] : fillIn(texts.age, { steps: age });
  const kind = at < 0 ? "sentence start" : "sentence";
  if (!wire.signed) return fillIn(texts[backward ? `${kind} backward` : kind], words);
  const state = row.parts.reduce((sum, part) => sum + part, row.start);
  return fillIn(texts["sentence content"], { ...words, state: shareText(state, model) });
}
