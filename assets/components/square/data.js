// The gates of every unit at every step that was sent, out of the block of gru_ui/components/square.py.

import { decodeBlock } from "../shared/block.js";

// Every `stride`-th step is a column; gates are whole numbers from 0 to `top`, unit by unit.
export function decodeSquare(bytes) {
  const { header, resolve } = decodeBlock(bytes);
  const R = resolve(header.R);
  const top = R instanceof Uint8Array ? 255 : 65535;
  return {
    ...header,
    top,
    R,
    Z: resolve(header.Z),
    near: header.near.map(resolve),
    density: resolve(header.density),
    scores: header.scores && { ...header.scores, values: resolve(header.scores.values) },
  };
}

export function columnOf(model, step) {
  return Math.min(Math.floor(step / model.stride), model.columns - 1);
}

export function stepOf(model, column) {
  return column * model.stride;
}

export function pointOf(model, unit, column) {
  const at = unit * model.columns + column;
  return { r: model.R[at] / model.top, z: model.Z[at] / model.top };
}

export function labelOf(model, step) {
  const label = model.ticks?.[columnOf(model, step)];
  return label ? label : null;
}

// The score at the place of the grid that is nearest to (r, z).
export function scoreAt({ side, values }, r, z) {
  const index = (share) => Math.round(Math.min(Math.max(share, 0), 1) * (side - 1));
  const [column, row] = [index(r), index(z)];
  return { r: column / (side - 1), z: row / (side - 1), score: values[row * side + column] };
}
