// What the model answers at this step: bars of probabilities, or numbers beside the right ones.

import { fillIn, formatValue } from "../shared/text.js";
import { setOnce, setText, svg, svgText } from "./svg.js";

const MOST = 8;

export function readoutHeight(model) {
  if (!model.readout) return 0;
  return 30 + Math.min(model.readout.names.length, MOST) * 24;
}

export class Readout {
  constructor(parent, { layout, model, theme, colour }) {
    Object.assign(this, { model, theme });
    this.node = svg("g", { "data-symbol": "Y", "data-part": "Y" }, parent);
    this.box = layout.readout;
    this.rows = [];
    const { size } = layout;
    const { x, y, w } = this.box;
    if (!model.readout) return;
    const head = svgText(this.node, "Y", x, y + 22, { size: size.symbol, fill: theme.text, weight: 700 });
    svg("tspan", { dy: size.symbol * 0.22, "font-size": size.symbol * 0.62 }, head).textContent = "t";
    this.target = svgText(this.node, "", x + w, y + 22, { size: size.name, fill: theme.muted, anchor: "end" });
    svgText(this.node, model.texts.name_Y, x + size.symbol * 0.72 + 16, y + 22, { size: size.name, fill: theme.muted });
    const { names, kind } = model.readout;
    const shown = Math.min(names.length, MOST);
    const room = this.box.h - 36;
    const each = Math.min(room / shown, 24);
    const font = Math.min(each * 0.72, 15);
    const nameWidth = Math.min(Math.max(...names.map((name) => [...name].length)) * font * 0.6 + 8, w * 0.42);
    for (let at = 0; at < shown; at += 1) {
      const top = y + 34 + at * each;
      const row = svg("g", {}, this.node);
      const name = svgText(row, "", x, top + each * 0.72, { size: font, fill: theme.text, weight: 600 });
      const long = kind === "classes";
      const back = svg("rect", { x: x + nameWidth, y: top + 3, width: long ? w - nameWidth - 48 : 0, height: each - 6, rx: 3, fill: theme.faint, opacity: 0.5 }, row);
      const bar = svg("rect", { x: x + nameWidth, y: top + 3, width: 0, height: each - 6, rx: 3, fill: colour }, row);
      const number = svgText(row, "", x + w, top + each * 0.72, { size: font, fill: theme.text, anchor: "end", weight: 600 });
      number.setAttribute("class", "number");
      this.rows.push({ name, bar, number, back, wide: w - nameWidth - 48 });
    }
  }

  draw(engine, t) {
    const { readout } = this.model;
    if (!readout) return;
    const { names, kind } = readout;
    const values = engine.Y.subarray(t * names.length, (t + 1) * names.length);
    let picked = names.map((_, at) => at);
    if (names.length > MOST) picked = picked.sort((a, b) => values[b] - values[a]).slice(0, MOST);
    const best = kind === "classes" ? values.indexOf(Math.max(...values)) : -1;
    this.rows.forEach(({ name, bar, number, wide }, row) => {
      const at = picked[row];
      setText(name, kind === "classes" ? names[at] : shortName(names[at]));
      setOnce(name, "font-weight", at === best || kind !== "classes" ? "750" : "400");
      if (kind === "classes") {
        bar.setAttribute("width", (Math.max(values[at], 0) * wide).toFixed(1));
        setText(number, `${Math.round(values[at] * 100)} %`);
      } else {
        setOnce(bar, "width", "0");
        setText(number, formatValue(values[at], 3));
      }
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
  return name.length > 18 ? `${name.slice(0, 17)}…` : name;
}
