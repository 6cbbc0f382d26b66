// The time line: R, Z, H~ and H as narrow maps of units x steps, the symbols of the sequence, and the cursor. In the
// ripple the maps show differences, and a lane below says which gate carried them.

import { parseColour } from "../shared/colours.js";
import { make } from "../shared/dom.js";
import { placeTicks } from "../shared/labels.js";
import { cutText, showBlank, strideFor } from "../shared/text.js";
import { CARRIERS } from "./ripple.js";

export const STRIPS = [
  { name: "R", array: "R", scale: "gate" },
  { name: "Z", array: "Z", scale: "gate" },
  { name: "H_tilde", array: "Hc", scale: "state" },
  { name: "H", array: "H", scale: "state" },
];
const CARRIER_COLOURS = { copy: "H", Z: "Z", R: "R", candidate: "H_tilde" };
const CARRIER_LANE = 26;

export function stripLayout({ width, height, wide, hasRipple }) {
  const left = wide ? 46 : 34;
  const right = wide ? 8 : 6;
  const axis = wide ? 42 : 40;
  const gap = wide ? 5 : 4;
  const carriers = hasRipple ? CARRIER_LANE + 6 : 0;
  const each = Math.max(Math.floor((height - axis - carriers) / STRIPS.length) - gap, 10);
  const rows = STRIPS.map((strip, at) => ({ ...strip, y: at * (each + gap), h: each }));
  const bottom = STRIPS.length * (each + gap);
  const lane = hasRipple ? { y: bottom + 2, h: CARRIER_LANE } : null;
  const base = bottom + carriers;
  return { width, height: base + axis, x: left, w: width - left - right, rows, lane, symbols: base + 14, numbers: base + 33, bottom: base };
}

export function stepAtX({ x, w }, steps, at) {
  return Math.min(Math.max(Math.floor(((at - x) / w) * steps), 0), steps - 1);
}

function packedTable(table) {
  return Uint32Array.from(table, (colour) => {
    const [red, green, blue] = parseColour(colour);
    return (255 << 24) | (blue << 16) | (green << 8) | red;
  });
}

// The images behind the strips, of which only what changed is painted again.
export class StripImages {
  constructor({ steps, units }) {
    Object.assign(this, { steps, units });
    this.images = STRIPS.map(() => {
      const canvas = document.createElement("canvas");
      canvas.width = steps;
      canvas.height = units;
      return canvas;
    });
    this.packed = new Map();
  }

  tableFor(table) {
    if (!this.packed.has(table)) this.packed.set(table, packedTable(table));
    return this.packed.get(table);
  }

  // Columns from..to of every strip. `recorded` null paints the values, else their difference from it.
  paint(engine, { tables, updates, recorded, from = 0, to = this.steps }) {
    const { units, steps } = this;
    const [first, last] = [Math.max(from, 0), Math.min(to, steps)];
    if (first >= last) return;
    STRIPS.forEach(({ array, scale, name }, at) => {
      const context = this.images[at].getContext("2d");
      const image = context.createImageData(last - first, units);
      const pixels = new Uint32Array(image.data.buffer);
      const values = engine[array];
      const before = recorded?.[array];
      const table = this.tableFor(tables[before ? "difference" : scale]);
      const [low, high] = before ? [-1, 1] : scale === "gate" ? [0, 1] : [-1, 1];
      const turn = updates && name === "Z";
      const width = last - first;
      for (let t = first; t < last; t += 1) {
        for (let i = 0; i < units; i += 1) {
          let value = values[t * units + i];
          if (before) value = (turn ? -1 : 1) * (value - before[t * units + i]);
          else if (turn) value = 1 - value;
          const share = Math.min(Math.max((value - low) / (high - low), 0), 1);
          pixels[i * width + (t - first)] = table[Math.round(share * 255)];
        }
      }
      context.putImageData(image, first, 0);
    });
  }
}

// What stays while the cursor moves. `scene`: { layout, steps, labels, theme, colours, symbolLabels, texts, images,
// carried, symbolColours, lit }.
export function drawStrips(surface, scene) {
  const { layout, steps, theme, colours, symbolLabels, images, carried, wide } = scene;
  const { x, w, rows, lane } = layout;
  rows.forEach(({ name, y, h }, at) => {
    const size = Math.min(wide ? 20 : 17, Math.max(h * 1.15, 13));
    surface.text(symbolLabels[name], 2, y + h / 2 + size * 0.36, { size, weight: 700, colour: colours[name] });
    surface.image(images[at], 0, steps, x, y, w, h, false);
    surface.rect(x - 0.5, y - 0.5, w + 1, h + 1, { stroke: theme.frame });
  });
  if (lane) surface.text("ΔH", 2, lane.y + lane.h - 6, { size: wide ? 17 : 14, weight: 700, colour: colours.H });
  if (lane && carried) drawCarriers(surface, scene);
  drawTicks(surface, scene);
}

function drawCarriers(surface, { layout, steps, theme, carried, symbolColours }) {
  const { x, w, lane } = layout;
  const most = Math.max(...carried.size, 1e-12);
  surface.rect(x, lane.y + lane.h - 0.5, w, 1, { fill: theme.frame });
  const wide = w / steps;
  for (let t = 0; t < steps; t += 1) {
    if (carried.size[t] < most * 1e-4) continue;
    const all = CARRIERS.reduce((sum, name) => sum + carried.sizes[name][t], 0);
    const height = Math.max(lane.h * Math.sqrt(carried.size[t] / most), 2);
    let y = lane.y + lane.h;
    for (const name of CARRIERS) {
      const part = (carried.sizes[name][t] / all) * height;
      if (part < 0.3) continue;
      y -= part;
      surface.rect(x + t * wide, y, Math.max(wide - (wide > 4 ? 1 : 0), 1), part, { fill: symbolColours[CARRIER_COLOURS[name]] });
    }
  }
}

// What the colours of the lane mean, in words.
export function showLegend(note, { texts, inks, symbolLabels }) {
  if (note.dataset.legend === texts.ripple_legend && note.childElementCount) return;
  note.dataset.legend = texts.ripple_legend;
  note.replaceChildren(make("span", "", texts.ripple_legend));
  for (const name of CARRIERS) {
    const swatch = make("span", "swatch");
    swatch.style.background = inks[CARRIER_COLOURS[name]];
    note.append(" ", swatch, make("span", "", symbolLabels[name] ?? texts[`carrier_${name}`]));
  }
}

function drawTicks(surface, { layout, steps, labels, theme, wide }) {
  const { x, w, symbols, numbers } = layout;
  const size = wide ? 14 : 12;
  const measure = (text) => surface.measure(text, size);
  const shown = labels.map((label) => cutText(showBlank(label), 60, measure));
  if (shown.length === steps) {
    const { symbols: placed } = placeTicks({ symbols: { labels: shown, measure, width: w, apart: 3 } });
    for (const { text, middle } of placed ?? []) {
      surface.text(text, x + middle, symbols, { size, colour: theme.text, align: "center", weight: 600 });
    }
  }
  const stride = strideFor((surface.measure(String(steps), size) + 12) / (w / steps));
  for (let t = 0; t < steps; t += stride) {
    const middle = x + ((t + 0.5) / steps) * w;
    surface.text(String(t), Math.min(middle, x + w - measure(String(t)) / 2), numbers, { size, colour: theme.muted, align: "center" });
  }
}

// The cursor: a frame around its column, and a handle with its number.
export function drawCursorMark(surface, { layout, steps, theme, wide }, step, unit, units) {
  const { x, w, rows, bottom, numbers } = layout;
  const cell = w / steps;
  const width = Math.max(cell, 4);
  const left = x + (step + 0.5) * cell - width / 2;
  surface.rect(left - 1.5, -1, width + 3, bottom - 1, { stroke: theme.paper, line: 5, radius: 2 });
  surface.rect(left - 1.5, -1, width + 3, bottom - 1, { stroke: theme.text, line: 2.5, radius: 2 });
  const size = wide ? 15 : 13;
  const text = String(step);
  const wideText = Math.max(surface.measure(text, size, 700) + 16, 26);
  const middle = Math.min(Math.max(left + width / 2, x + wideText / 2 - 6), x + w - wideText / 2 + 6);
  surface.rect(middle - wideText / 2, numbers - 15, wideText, 21, { fill: theme.text, radius: 10 });
  surface.text(text, middle, numbers + 1, { size, weight: 700, colour: theme.paper, align: "center" });
  for (const { y, h } of rows) {
    const at = y + ((unit + 0.5) / units) * h;
    surface.shape([x - 9, at - 4, x - 2, at, x - 9, at + 4], { fill: theme.text });
  }
}
