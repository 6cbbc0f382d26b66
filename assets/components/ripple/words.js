// Sentences and numbers in words.

import { cssColour, parseColour, readableColour } from "../shared/colours.js";
import { fillIn, formatValue, showBlank, together } from "../shared/text.js";
import { NAMES } from "./outcome.js";

export function percentOf(share) {
  const percent = share * 100;
  if (percent > 0 && percent < 0.01) return "<0.01%";
  return `${Number(percent.toPrecision(3)).toFixed(percent < 1 ? 2 : percent < 10 ? 1 : 0)}%`;
}

export function numberText(value) {
  return String(Number(value.toPrecision(4))).replace("-", "−");
}

// What a step reads, and what it reads instead.
export function changeTexts({ model, chosen }) {
  const { choices, reads, inputs, mean, std } = model;
  if (choices.length) {
    const now = choices.find(([index]) => index === symbolOf(model, chosen));
    return { was: showBlank(model.labels[chosen.step] || String(reads[chosen.step])), now: now ? showBlank(now[1]) : "?" };
  }
  const value = reads[chosen.step * inputs + chosen.number];
  const inOwn = (number) => numberText(number * std[chosen.number] + mean[chosen.number]);
  return { was: inOwn(value), now: inOwn(value + chosen.by) };
}

// The symbol that is read instead: the chosen one, or the next in the list after that of the step.
export function symbolOf({ choices, reads }, { symbol, step }) {
  if (choices.some(([index]) => index === symbol)) return symbol;
  const place = choices.findIndex(([index]) => index === reads[step]);
  return choices[(place + 1) % choices.length]?.[0] ?? -1;
}

export function rippleSentence(scene) {
  const { model, outcome, fate, chosen, pending } = scene;
  const { texts } = model;
  const { was, now } = changeTexts(scene);
  const values = { step: chosen.step, was, now, name: model.inputNames[chosen.number] ?? chosen.number };
  const kind = model.inputNames.length > 1 ? "number" : "symbol";
  const opening = was === now ? fillIn(texts.same, values) : fillIn(texts[`${chosen.kind} ${kind}`], values);
  if (pending) return together([opening, texts.pending]);
  if (was === now) return opening;
  // What is read instead stands on the flag.
  return together([chosen.kind === "nudge" && opening, fateSentence(model, fate), answerSentence(scene, outcome)]);
}

export function fateSentence({ texts, units }, { start, left, died, steps, main }) {
  if (!(start > 0)) return texts.never;
  const values = { start: numberText(start), units, died, steps, left: percentOf(left), way: main && texts[`way ${main}`] };
  if (died !== null && main === null) return fillIn(texts["died at once"], values);
  if (died !== null) return fillIn(texts.died, values);
  if (main === null) return fillIn(texts["read last"], values);
  return fillIn(left > 1 ? texts.grows : texts.lives, values);
}

// At the step where the answer changes most, of those that are answered otherwise if there are such.
function answerSentence({ model, chosen }, outcome) {
  const { answer } = outcome;
  if (!answer || chosen.kind === "nudge") return "";
  const { texts, readout, steps } = model;
  const { moved, output } = answer;
  const flips = Array.from(moved, (_, t) => output[2 * t] !== output[2 * t + 1]);
  const count = flips.filter(Boolean).length;
  let most = count ? flips.indexOf(true) : 0;
  moved.forEach((value, t) => {
    if (value > moved[most] && (flips[t] || !count)) most = t;
  });
  if (!(moved[most] > 0)) return texts["answer same"];
  const values = { step: most, count, steps, moved: percentOf(moved[most]), ...answerTexts(model, answer, most) };
  if (readout.kind !== "classes") return fillIn(texts["answer moves"], values);
  return fillIn(texts[count ? "answer changes" : "answer stays"], values);
}

function answerTexts({ readout }, { output, was, now }, step) {
  const said = (at, value) => {
    const name = showBlank(readout.names[at] ?? String(at));
    return readout.kind === "classes" ? `${name} (${percentOf(value)})` : numberText(value);
  };
  return { was: said(output[2 * step], was[step]), now: said(output[2 * step + 1], now[step]) };
}

export function hoverLines({ model, outcome, theme, fate }, { step, unit }) {
  const { texts } = model;
  const label = model.labels[step];
  const where = fillIn(texts[label ? "where symbol" : "where"], { step, symbol: label && showBlank(label) });
  const lines = [{ text: where, strong: true }];
  const cell = unit === null ? null : outcome.at(unit, step);
  if (cell) {
    lines.push({ text: fillIn(texts["unit difference"], { unit }), value: formatValue(cell.difference, 4) });
    for (const [name, value] of cell.parts) {
      lines.push({ ...inkFor(model, theme, name), text: texts[`way ${name}`], value: formatValue(value, 4) });
    }
  } else {
    for (const name of NAMES) {
      lines.push({ ...inkFor(model, theme, name), text: texts[`way ${name}`], value: formatValue(outcome.sizes[name][step], 4) });
    }
  }
  const share = fate.start > 0 ? percentOf(outcome.size[step] / fate.start) : "0%";
  lines.push({ text: texts["all units"], value: `${numberText(outcome.size[step])} (${share})` });
  if (outcome.answer) {
    const { was, now } = answerTexts(model, outcome.answer, step);
    lines.push({ text: texts.answer, value: was === now ? was : `${was} → ${now}` });
  }
  return lines;
}

function inkFor(model, theme, name) {
  const rgb = parseColour(model.colours[name]);
  return { swatch: model.colours[name], ink: cssColour(readableColour(rgb, theme)) };
}
