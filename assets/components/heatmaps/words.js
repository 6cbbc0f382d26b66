// Sentences and numbers computed from what is drawn.

import { fillIn, formatValue } from "../shared/text.js";
import { columnAt, columnSteps, decodeValue, labelAt, levelAt, outputAt, targetAt, unitName, valueAt } from "./payload.js";

// "Step 7 ('b')", "Step 7" or "Steps 700 to 706, on average".
export function whereText(model, step) {
  const [first, last] = columnSteps(levelAt(model, step), step);
  if (first !== last) return fillIn(model.texts["where steps"], { first, last });
  const symbol = labelAt(model, step);
  const name = symbol === null ? "where step" : "where symbol";
  return fillIn(model.texts[name], { step, symbol });
}

// What the gates do at a step, in a sentence; only where if there is no Z to speak of.
export function stepSentence(model, step) {
  const where = whereText(model, step);
  const gate = model.panels.findIndex((panel) => panel.symbol === "Z");
  if (gate < 0) return fillIn(model.texts["sentence plain"], { where });
  const level = levelAt(model, step);
  const column = columnAt(level, step);
  let [keep, rewrite] = [0, 0];
  for (let unit = 0; unit < model.units; unit += 1) {
    const value = decodeValue(model, gate, level.panels[gate][unit * level.columns + column]);
    if (value > 0.9) keep += 1;
    if (value < 0.5) rewrite += 1;
  }
  const facts = { where, keep, rewrite, units: model.units };
  const reset = model.panels.findIndex((panel) => panel.symbol === "R");
  if (reset < 0) return fillIn(model.texts["sentence without R"], facts);
  let sum = 0;
  for (let unit = 0; unit < model.units; unit += 1) {
    sum += decodeValue(model, reset, level.panels[reset][unit * level.columns + column]);
  }
  return fillIn(model.texts.sentence, { ...facts, mean: formatValue(sum / model.units, 2) });
}

// The lines of the tooltip: [{ text, ink?, swatch?, value?, strong? }].
export function hoverLines(model, step, unit, theme) {
  const lines = [{ text: whereText(model, step), strong: true }];
  const labels = model.panels.map((panel) => panel.label);
  const distinct = new Set(labels).size === labels.length;
  if (unit !== null) {
    lines.push({ text: `${model.texts.unit} ${unitName(model, unit)}` });
    model.panels.forEach((panel, index) => {
      const value = valueAt(model, index, unit, step);
      lines.push({
        text: distinct ? panel.label : `${panel.label} ${panel.title}`,
        ink: panel.ink,
        swatch: panel.lutColour(value),
        value: formatValue(value, model.digits),
      });
    });
  }
  return model.outputs ? lines.concat(outputLines(model, step, theme)) : lines;
}

function outputLines(model, step) {
  const { names, kind } = model.outputs;
  const lines = [{ text: model.texts.output, strong: true }];
  const values = names.map((name, index) => ({ name, index, value: outputAt(model, index, step) }));
  if (kind === "classes") values.sort((a, b) => b.value - a.value);
  for (const { name, index, value } of values.slice(0, 3)) {
    const target = targetAt(model, kind === "classes" ? 0 : index, step);
    const right = kind === "classes" && target === index ? `${name} ◯` : name;
    lines.push({ text: right, value: formatValue(value, kind === "classes" ? 2 : 3) });
    if (kind === "numbers" && target !== null && Number.isFinite(target)) {
      lines.push({ text: model.texts.target, value: formatValue(target, 3) });
    }
  }
  return lines;
}
