// Reads the block of bytes that gru_ui/components/cell.py writes: what is known of a layer, and what computes it.

import { decodeBlock } from "../shared/block.js";
import { Edits } from "./edits.js";
import { Engine } from "./engine.js";

const TRACED = { R: "R", Z: "Z", H_tilde: "Hc", H: "H" };

// The header with every array reference replaced by a typed array.
export function decodeCell(bytes) {
  const { header: model, resolve } = decodeBlock(bytes);
  const all = (table) => Object.fromEntries(Object.entries(table).map(([name, ref]) => [name, ref && resolve(ref)]));
  model.x = resolve(model.x);
  model.h0 = resolve(model.h0);
  model.weights = model.weights && all(model.weights);
  model.recorded = all(model.recorded);
  model.symbolRows = model.symbolRows && resolve(model.symbolRows);
  for (const gate of ["R", "Z"]) model.held[gate] = model.held[gate] && all(model.held[gate]);
  if (model.readout) Object.assign(model.readout, { weight: resolve(model.readout.weight), bias: resolve(model.readout.bias) });
  if (model.targets) model.targets = resolve(model.targets);
  return model;
}

// The engine of a model, and the edits that people may make in it: none where the layer or the sequence is too large
// for that. Where the weights were too many to be sent, the engine keeps the numbers that the server computed.
export function engineOf(model) {
  const engine = new Engine(model);
  const { symbols, symbolRows: rows, recorded } = model;
  if (!model.weights) engine.keep(Object.fromEntries(Object.entries(TRACED).map(([from, to]) => [to, recorded[from]])));
  const limits = model.touch === "on" ? model.limits : { ...model.limits, edits: 0 };
  return { engine, edits: new Edits(engine, { symbols: symbols.length, rows, limits }) };
}

// How far the engine's states, before any edit, are from those that the server computed.
export function farthest(engine, recorded) {
  let most = 0;
  for (let at = 0; at < recorded.H.length; at += 1) most = Math.max(most, Math.abs(engine.H[at] - recorded.H[at]));
  return most;
}
