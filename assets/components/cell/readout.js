// What the model answers at this step: bars of probabilities, or numbers beside the right ones.

import { fillIn, formatValue } from "../shared/text.js";
import { setOnce, setText, svg, svgText } from "./svg.js";

const MOST = 8;

export function readoutHeight(model) {
  if (!model.readout) return 0;
  const { names, kind } = model.readout;
  return 40 + (kind === "classes" ? Math.min(names.length, MOST) * 26 : Math.min(names.length, 3) * 46 + 20);
}

export class Readout {
  constructor(parent, { layout, model, theme, colour }) {
    Object.assign(this, { model, theme });
    this.node = svg("g", { "data-symbol": "Y", "data-part": "Y" }, parent);
    this.rows = [];
    if (!model.readout) return;
    const { size, readout: box, grown } = layout;
    const { x, w } = box;
    const line = box.y + 20 * grown;
    const head = svgText(this.node, "Y", x, line, { size: size.symbol, fill: theme.text, weight: 700 });
    svg("tspan", { dy: size.symbol * 0.2, "font-size": size.symbol * 0.58 }, head).textContent = "t";
    svgText(this.node, model.texts.name_Y, x + head.getComputedTextLength() + 8, line, { size: size.name, fill: theme.muted });
    const top = line + 12 * grown;
    const place = { x, w, top, room: box.y + box.h - top, grown, ink: theme.text, muted: theme.muted, size };
    if (model.readout.kind === "classes") this.buildBars(place, colour, theme.faint);
    else this.buildNumbers(place);
    const right = model.readout.kind === "classes" ? { x: x + w, y: line, anchor: "end" } : { x, y: this.end, anchor: "start" };
    this.target = svgText(this.node, "", right.x, right.y, { size: size.name, fill: theme.muted, anchor: right.anchor });
  }

  buildBars({ x, w, top, room, grown, ink }, colour, faint) {
    const { names } = this.model.readout;
    const shown = Math.min(names.length, MOST);
    const each = Math.min(room / shown, 26 * grown);
    const font = Math.min(each * 0.74, 15 * grown);
    const nameWidth = Math.min(Math.max(...names.map((name) => [...name].length)) * font * 0.62 + 8, w * 0.42);
    const wide = w - nameWidth - font * 3.6;
    for (let at = 0; at < shown; at += 1) {
      const y = top + at * each;
      const base = y + each * 0.5 + font * 0.36;
      const name = svgText(this.node, "", x, base, { size: font, fill: ink, weight: 600 });
      const bar = { x: x + nameWidth, y: y + each * 0.16, height: each * 0.68, rx: 3 };
      svg("rect", { ...bar, width: wide, fill: faint, opacity: 0.5 }, this.node);
      const filled = svg("rect", { ...bar, width: 0, fill: colour }, this.node);
      const number = svgText(this.node, "", x + w, base, { size: font, fill: ink, anchor: "end", weight: 600 });
      number.setAttribute("class", "number");
      this.rows.push({ name, bar: filled, number, wide });
    }
  }

  buildNumbers({ x, top, room, grown, ink, muted, size }) {
    const { names } = this.model.readout;
    const shown = Math.max(Math.min(names.length, Math.floor((room - 20 * grown) / (46 * grown))), 1);
    for (let at = 0; at < shown; at += 1) {
      const y = top + at * 46 * grown;
      const name = svgText(this.node, "", x, y + 14 * grown, { size: size.name, fill: muted });
      const number = svgText(this.node, "", x, y + 38 * grown, { size: 22 * grown, fill: ink, weight: 700 });
      number.setAttribute("class", "number");
      this.rows.push({ name, number });
    }
    this.end = top + shown * 46 * grown + 14 * grown;
  }

  draw(engine, t) {
    const { readout } = this.model;
    if (!readout) return;
    const { names, kind } = readout;
    const values = engine.Y.subarray(t * names.length, (t + 1) * names.length);
    let picked = names.map((_, at) => at);
    if (kind === "classes" && names.length > MOST) picked = picked.sort((a, b) => values[b] - values[a]).slice(0, MOST);
    const best = kind === "classes" ? values.indexOf(Math.max(...values)) : -1;
    this.rows.forEach(({ name, bar, number, wide }, row) => {
      const at = picked[row];
      setText(name, shortName(names[at]));
      if (bar) {
        setOnce(name, "font-weight", at === best ? "750" : "400");
        bar.setAttribute("width", (Math.max(values[at], 0) * wide).toFixed(1));
      }
      setText(number, bar ? `${Math.round(values[at] * 100)} %` : formatValue(values[at], 3));
    });
    setText(this.target, this.rightAnswer(t));
  }

  // The right answer of a step in words; "" where none is asked.
  rightAnswer(t) {
    const { readout, targets, texts } = this.model;
    if (!targets) return "";
    const { names, kind } = readout;
    const right = targets[kind === "classes" ? t : t * names.length];
    if (kind === "classes") return right < 0 ? "" : fillIn(texts.right_answer, { answer: names[right] });
    return Number.isNaN(right) ? "" : fillIn(texts.right_answer, { answer: formatValue(right, 3) });
  }
}

function shortName(name) {
  return name.length > 24 ? `${name.slice(0, 23)}…` : name;
}
