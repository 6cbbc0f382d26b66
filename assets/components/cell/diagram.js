// The cell as data flow: built once for a size and a theme, then fed with the numbers of each step.

import { cssColour, parseColour, readableColour, stopColour } from "../shared/colours.js";
import { formatValue } from "../shared/text.js";
import { drawBoxDepth } from "./box.js";
import { setText, svg, svgText } from "./svg.js";
import { Caption, Vector } from "./vector.js";
import { Wires } from "./wires.js";

const COLOUR_TABLES = new Map();

// 256 colours of a map in a theme, from its low end to its high end.
export function colourTable(stops) {
  const key = stops.join();
  if (!COLOUR_TABLES.has(key)) COLOUR_TABLES.set(key, Array.from({ length: 256 }, (_, at) => stopColour(stops, at / 255)));
  return COLOUR_TABLES.get(key);
}

const PARTS = {
  H_prev: { symbol: "H_prev", scale: "state", of: "H" },
  X: { symbol: "X", scale: "input", of: "X" },
  Z: { symbol: "Z", scale: "gate", of: "Z" },
  R: { symbol: "R", scale: "gate", of: "R" },
  H_tilde: { symbol: "H_tilde", scale: "state", of: "H_tilde" },
  H: { symbol: "H", scale: "state", of: "H" },
  kept: { symbol: "Z H_prev H", scale: "state", small: true },
  written: { symbol: "Z H_tilde H", scale: "state", small: true },
  seen: { symbol: "R H_prev", scale: "state", small: true, from: "look" },
  looked: { symbol: "R H_prev", scale: "state", small: true, from: "look" },
};

export class Diagram {
  // { layout, model, theme, updates }: `updates` is whether Z is shown as the share that is written.
  constructor(root, { layout, model, theme, updates }) {
    Object.assign(this, { root, layout, model, theme, updates });
    const { texts } = model;
    root.setAttribute("viewBox", `0 0 ${layout.width} ${layout.height}`);
    root.setAttribute("width", layout.width);
    root.setAttribute("height", layout.height);
    root.setAttribute("font-family", theme.font);
    root.replaceChildren();
    this.colours = Object.fromEntries(
      Object.entries(model.inks).map(([name, colour]) => [name, cssColour(readableColour(parseColour(colour), theme))]),
    );
    const { frame } = layout;
    svg("rect", { ...frameOf(frame), rx: 18, fill: theme.panel, stroke: theme.faint, "stroke-width": 1.5, class: "cell-frame" }, root);
    this.inner = svg("g", { class: "inner" }, root);
    this.outer = svg("g", { class: "outer" }, root);
    this.wires = new Wires(this.inner, layout, model.inks, theme);
    this.buildPills();
    this.buildOps();
    this.vectors = {};
    this.captions = {};
    for (const [name, box] of Object.entries(layout.vectors)) {
      // What R multiplies after the matrix is not among the numbers that the server sends of a large layer.
      if (model.weights || name !== "looked") this.buildVector(name, box);
    }
    this.buildShares();
    this.buildGrips();
    this.box = drawBoxDepth(root, { layout, model, theme, colours: this.colours });
    this.texts = texts;
  }

  scaleOf(kind) {
    const { colours, inputRange } = this.model;
    if (kind === "input") {
      const reach = inputRange;
      return { table: colourTable(colours.state[this.theme.name]), low: -reach, high: reach };
    }
    const low = kind === "gate" ? 0 : -1;
    return { table: colourTable(colours[kind][this.theme.name]), low, high: 1 };
  }

  buildVector(name, box) {
    const { symbol, scale, of, small } = PARTS[name];
    const { model, theme, layout } = this;
    const parent = ["H_prev", "X", "H"].includes(name) ? this.outer : this.inner;
    const entries = name === "X" ? model.inputs : model.units;
    this.vectors[name] = new Vector(parent, { name, symbol, box, entries, theme, scale: this.scaleOf(scale), level: !small });
    if (small) {
      const at = layout.smallNames[name] ?? { x: box.x, y: box.y - 6 };
      this.captions[name] = svgText(this.vectors[name].node, this.smallName(name), at.x, at.y, {
        size: layout.size.name,
        fill: theme.muted,
      });
      const fits = layout.smallNames[name] ? !at.hidden : this.captions[name].getComputedTextLength() <= box.w - layout.size.share * 2.8;
      if (!fits) this.captions[name].remove();
      return;
    }
    const index = { H_prev: "t−1", X: "t", H: "t", Z: "t", R: "t", H_tilde: "t" }[name];
    this.captions[name] = new Caption(this.vectors[name].node, {
      symbol: model.symbolLabels[of],
      index,
      name: model.texts[this.updates && name === "Z" ? "name_Z_updates" : `name_${name}`],
      box,
      y: box.y - 9,
      at: layout.symbols[name],
      room: layout.nameRooms[name],
      numbered: name !== "X" || model.symbols.length === 0,
      colour: this.colours[of],
      theme,
      size: layout.size,
      data: symbol,
    });
  }

  smallName(name) {
    return this.model.texts[this.updates && ["kept", "written"].includes(name) ? `small_${name}_updates` : `small_${name}`];
  }

  buildPills() {
    const { pills, size } = this.layout;
    const { theme, model } = this;
    for (const [name, box] of Object.entries(pills)) {
      const node = svg("g", { "data-symbol": name, class: "pill" }, this.inner);
      svg("rect", { ...frameOf(box), rx: box.h / 2, fill: theme.paper, stroke: this.colours[name], "stroke-width": 2 }, node);
      const formula = name === "H_tilde" ? model.texts[`pill_H_tilde_${model.resetMode}`] : model.texts["pill_gate"];
      const text = svgText(node, formula, box.x + box.w / 2, box.y + box.h / 2 + size.pill * 0.35, {
        size: size.pill,
        fill: theme.text,
        anchor: "middle",
      });
      // Never wider than its pill, whatever the font.
      const room = box.w - 18;
      if (text.getComputedTextLength() > room) {
        text.setAttribute("textLength", room);
        text.setAttribute("lengthAdjust", "spacingAndGlyphs");
      }
    }
  }

  buildOps() {
    const { ops, product, size } = this.layout;
    const { theme } = this;
    const all = { ...ops, ...(product ? { product } : {}) };
    const look = { keep: ["×", "Z H_prev"], write: ["×", "Z H_tilde"], look: ["×", "R H_prev"], sum: ["+", "H"] };
    look.complement = ["1−", "Z"];
    look.product = ["W", "R H_prev"];
    for (const [name, { x, y, r }] of Object.entries(all)) {
      const node = svg("g", { "data-symbol": look[name][1], class: "op" }, this.inner);
      svg("circle", { cx: x, cy: y, r, fill: theme.paper, stroke: theme.text, "stroke-width": 1.8 }, node);
      const wide = look[name][0].length > 1;
      svgText(node, look[name][0], x, y + size.op * 0.35, {
        size: wide || name === "product" ? size.op * 0.78 : size.op,
        fill: theme.text,
        weight: 650,
        anchor: "middle",
      });
    }
  }

  buildShares() {
    this.shareTexts = {};
    for (const [name, { x, y, anchor }] of Object.entries(this.layout.shares)) {
      const symbol = { kept: "Z H_prev", written: "Z H_tilde", look: "R H_prev" }[name];
      const node = svg("g", { "data-symbol": symbol }, this.inner);
      this.shareTexts[name] = svgText(node, "", x, y, {
        size: this.layout.size.share,
        fill: this.theme.text,
        weight: 700,
        anchor,
      });
      this.shareTexts[name].setAttribute("class", "number");
    }
  }

  // Handles that move all units of a gate.
  buildGrips() {
    this.grips = {};
    for (const [gate, box] of Object.entries(this.layout.grips ?? {})) {
      const node = svg("g", { "data-grip": gate, "data-symbol": gate }, this.inner);
      svg("rect", { ...frameOf(box), rx: box.w / 2, fill: this.theme.paper, stroke: this.colours[gate], "stroke-width": 1.8 }, node);
      const [x, y] = [box.x + box.w / 2, box.y + box.h / 2];
      svg("path", { d: `M${x - 4} ${y - 7}l4 -5l4 5M${x - 4} ${y + 7}l4 5l4 -5M${x} ${y - 11}V${y + 11}`, fill: "none", stroke: this.colours[gate], "stroke-width": 1.8 }, node);
      this.grips[gate] = node;
      svg("title", {}, node).textContent = this.model.texts.grip;
    }
  }

  // numbers: a StepNumbers; unit: the chosen unit; input: the chosen input.
  draw(numbers, unit, input) {
    for (const [name, vector] of Object.entries(this.vectors)) {
      const values = numbers[PARTS[name].from ?? name];
      vector.draw(values);
      vector.choose(name === "X" ? (vector.entries > 1 && !this.model.symbols.length ? input : null) : unit);
      const caption = this.captions[name];
      if (caption instanceof Caption) caption.say(formatValue(values[name === "X" ? input : unit], 2));
    }
    this.wires.draw(numbers.shares);
    for (const [name, node] of Object.entries(this.shareTexts)) setText(node, `${Math.round(numbers.shares[name] * 100)} %`);
  }
}

export function frameOf({ x, y, w, h }) {
  return { x, y, width: w, height: h };
}
