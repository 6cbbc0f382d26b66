// What gru_ui/components/portrait.py sends, as the picture uses it.

import { decodeBlock } from "../shared/block.js";

const GATE_NUMBERS = 8;

export function decodePortrait(bytes) {
  const { header, resolve } = decodeBlock(bytes);
  const drives = resolve(header.drives);
  const held = resolve(header.held);
  const rows = resolve(header.rows);
  return {
    ...header,
    driveAt: (t) => driveOf(drives.subarray(t * 6, t * 6 + 6)),
    heldAt: (t) => heldOf(held.subarray(rows[t] * GATE_NUMBERS, (rows[t] + 1) * GATE_NUMBERS)),
  };
}

export function driveOf(numbers) {
  const [r0, r1, z0, z1, h0, h1] = numbers;
  return { r: [r0, r1], z: [z0, z1], h: [h0, h1] };
}

function heldOf([r0, r1, p0, p1, z0, z1, q0, q1]) {
  return { R: { keep: [r0, r1], force: [p0, p1] }, Z: { keep: [z0, z1], force: [q0, q1] } };
}

// The gates that the sliders stand for: { z, z_blend, r, r_blend, units }, units "" for both.
export function gatesOf({ z, z_blend, r, r_blend, units }) {
  const one = (value, blend) => {
    const at = [0, 1].map((unit) => (units === "" || units === String(unit) ? blend : 0));
    return { keep: at.map((share) => 1 - share), force: at.map((share) => share * value) };
  };
  return { R: one(r, r_blend), Z: one(z, z_blend) };
}
