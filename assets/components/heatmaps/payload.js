// Reads the block of bytes that gru_ui/components/payload.py writes, and answers "what is the value at ...?".

import { decodeBlock } from "../shared/block.js";
import { showBlank } from "../shared/text.js";

// The header with every array reference replaced by a typed array.
export function decodePayload(bytes) {
  const { header: model, resolve } = decodeBlock(bytes);
  for (const level of model.levels) {
    level.panels = level.panels.map(resolve);
    level.columns = Math.ceil((level.stop - level.start) / level.bin);
    if (level.outputs) level.outputs = resolve(level.outputs);
    if (level.targets) level.targets = resolve(level.targets);
  }
  for (const order of model.orders) order.rows = resolve(order.rows);
  model.top = model.levels[0].panels[0] instanceof Uint16Array ? 65535 : 255;
  return model;
}

// The finest level that holds a step. Levels come coarse first.
export function levelAt(model, step) {
  for (let index = model.levels.length - 1; index > 0; index -= 1) {
    const level = model.levels[index];
    if (step >= level.start && step < level.stop) return level;
  }
  return model.levels[0];
}

export function columnAt(level, step) {
  return Math.floor((step - level.start) / level.bin);
}

// First and last step of the column that holds a step.
export function columnSteps(level, step) {
  const first = level.start + columnAt(level, step) * level.bin;
  return [first, Math.min(first + level.bin, level.stop) - 1];
}

export function decodeValue(model, panel, whole) {
  const [low, high] = model.panels[panel].wire;
  return low + (whole * (high - low)) / model.top;
}

// What a row is called: the number of its unit, where only some units are shown.
export function unitName(model, unit) {
  return String(model.names?.[unit] ?? unit);
}

export function valueAt(model, panel, unit, step) {
  const level = levelAt(model, step);
  return decodeValue(model, panel, level.panels[panel][unit * level.columns + columnAt(level, step)]);
}

export function outputAt(model, index, step) {
  const level = levelAt(model, step);
  const stored = level.outputs[index * level.columns + columnAt(level, step)];
  return model.outputs.kind === "classes" ? stored / 65535 : stored;
}

// The right answer at a step: a class (or -1), a number (or NaN), or null where none is known.
export function targetAt(model, index, step) {
  const level = levelAt(model, step);
  if (!level.targets) return null;
  const column = columnAt(level, step);
  return model.outputs.kind === "classes" ? level.targets[column] : level.targets[index * level.columns + column];
}

// The label of a step, or null where a column stands for several steps.
export function labelAt(model, step) {
  const level = levelAt(model, step);
  const label = level.ticks?.[step - level.start];
  return label ? showBlank(label) : null;
}

// Every column once, the finest there is, from left to right: [level, first column, column after the last].
export function finestColumns(model) {
  const [coarse, fine] = model.levels;
  if (!fine) return [[coarse, 0, coarse.columns]];
  return [
    [coarse, 0, Math.floor(fine.start / coarse.bin)],
    [fine, 0, fine.columns],
    [coarse, Math.ceil(fine.stop / coarse.bin), coarse.columns],
  ];
}
