// Sentences and numbers computed from what is drawn.

import { nearestIndex } from "../shared/chart.js";
import { fillIn, formatValue, together } from "../shared/text.js";

const RAISED = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

export function powerOfTen(exponent) {
  return `10${[...String(exponent)].map((sign) => RAISED[sign]).join("")}`;
}

// "3.2 × 10⁻⁷"; whole numbers of the mantissa with `digits` 0.
export function powerText(value, digits = 1) {
  if (value === 0) return "0";
  let exponent = Math.floor(Math.log10(Math.abs(value)));
  let mantissa = (value / 10 ** exponent).toFixed(digits);
  if (Number(mantissa) >= 10) [mantissa, exponent] = [(value / 10 ** (exponent + 1)).toFixed(digits), exponent + 1];
  return `${mantissa}\u00a0×\u00a0${powerOfTen(exponent)}`;
}

export function scoreText(model, score) {
  if (!Number.isFinite(score)) return model.texts.unknown;
  if (!model.percent) return formatValue(score, 2);
  return fillIn(model.texts.percent, { n: formatValue(score * 100, 1).replace(/\.0$/, "") });
}

export function gradientText(model, gradient) {
  return Number.isFinite(gradient) ? powerText(gradient) : model.texts.unknown;
}

// The last number of a curve.
export function lastOf(values) {
  for (let at = values.length - 1; at >= 0; at -= 1) if (!Number.isNaN(values[at])) return values[at];
  return NaN;
}

// The median gradient over the last quarter of the updates up to `update`: at a single one an RNN's can jump.
function lateGradient(lane, update) {
  return median(lane.gradient.filter((_, at) => lane.update[at] >= Math.ceil(update * 0.75) && lane.update[at] <= update));
}

function median(values) {
  const known = values.filter(Number.isFinite).sort((a, b) => a - b);
  if (!known.length) return NaN;
  const middle = Math.floor(known.length / 2);
  return known.length % 2 ? known[middle] : (known[middle - 1] + known[middle]) / 2;
}

// What stands in a lane, as words.
export function factsOf({ model }, lane) {
  const { texts } = model;
  const known = (value, text) => (value === null ? texts.unknown : text(value));
  const learned = lane.learned_at !== null;
  return {
    score: scoreText(model, lastOf(lane.score)),
    learned,
    state: learned ? fillIn(texts.learned, { update: lane.learned_at }) : fillIn(texts[`status ${lane.status}`], { done: lane.done }),
    weights: known(lane.parameters, (count) => count.toLocaleString("en-US")),
    time: known(lane.milliseconds, (time) => fillIn(texts.milliseconds, { n: formatValue(time, time < 10 ? 1 : 0) })),
    gradient: gradientText(model, lateGradient(lane, lane.update.at(-1) ?? 0)),
  };
}

// The point of a lane at an update: the last one not after it; -1 where there is none.
export function pointOf(lane, update) {
  const at = nearestIndex(lane.update, update);
  return at >= 0 && lane.update[at] > update ? at - 1 : at;
}

export function hoverLines({ model, lanes, inks }, update) {
  const lines = [{ text: fillIn(model.texts["where update"], { update }), strong: true }];
  lanes.forEach((lane, index) => {
    const at = pointOf(lane, update);
    const [score, gradient] = at < 0 ? [NaN, NaN] : [lane.score[at], lane.gradient[at]];
    const value = fillIn(model.texts["score and gradient"], {
      score: scoreText(model, score),
      gradient: gradientText(model, gradient),
    });
    lines.push({ text: lane.name, ink: inks[index], value });
  });
  return lines;
}

export function raceSentence(race) {
  const { model, lanes, live } = race;
  const { texts } = model;
  if (!lanes.some((lane) => lane.update.length)) return texts.waiting;
  const parts = [];
  const learned = lanes.filter((lane) => lane.learned_at !== null).sort((a, b) => a.learned_at - b.learned_at);
  const others = lanes.filter((lane) => lane.learned_at === null);
  const list = (found, text) => found.map(text).join(texts["between lanes"]);
  if (learned.length) {
    const each = ({ name, learned_at: update }) => fillIn(texts["lane learned"], { name, update });
    parts.push(fillIn(texts["sentence learned"], { lanes: list(learned, each) }));
  }
  if (others.length && model.learnedScore !== null) {
    const names = list(others, ({ name }) => name);
    parts.push(fillIn(texts[live ? "sentence not yet" : "sentence not"], { lanes: names }));
  }
  parts.push(gradientSentence(race));
  return together(parts);
}

// The largest and the smallest gradient over the last quarter of the updates that all lanes have reached.
function gradientSentence({ model, lanes }) {
  const { texts } = model;
  const running = lanes.filter((lane) => lane.update.length);
  if (running.length < 2) return "";
  const update = Math.min(...running.map((lane) => lane.update.at(-1)));
  const from = Math.ceil(update * 0.75);
  const found = running
    .map((lane) => ({ name: lane.name, value: lateGradient(lane, update) }))
    .filter(({ value }) => Number.isFinite(value))
    .sort((a, b) => b.value - a.value);
  if (found.length < 2 || found[0].value === 0) return "";
  const [large, small] = [found[0], found.at(-1)];
  const facts = { from, update, large: large.name, small: small.name, most: powerText(large.value), least: powerText(small.value) };
  if (small.value === 0) return fillIn(texts["sentence gradient none"], facts);
  const ratio = small.value / large.value;
  return fillIn(texts["sentence gradient"], { ...facts, share: ratio >= 0.01 ? formatValue(ratio, 2) : powerText(ratio, 0) });
}
