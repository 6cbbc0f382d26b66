// What is read at this step, as something that can be changed: a symbol out of a list, or a number.

import { make, setOptions } from "../shared/dom.js";
import { keepKeys } from "../shared/keys.js";
import { showBlank } from "../shared/text.js";

const NONE = "";

export class InputBox {
  constructor(root, act) {
    this.root = root;
    this.symbol = make("select", "symbol-choice");
    this.symbol.onchange = () => this.symbol.value !== NONE && act("symbol", this.symbol.value);
    this.which = make("select", "which");
    this.which.onchange = () => act("input", this.which.value);
    this.number = make("input", "number-choice");
    this.number.type = "number";
    this.number.step = "0.1";
    this.number.onkeydown = (event) => {
      keepKeys(event);
      event.stopPropagation();
      if (event.key === "Enter" || event.key === "Escape") this.number.blur();
    };
    this.number.oninput = () => {
      const value = Number(this.number.value);
      if (this.number.value !== "" && Number.isFinite(value)) act("input value", value);
    };
    root.append(this.symbol, this.which, this.number);
  }

  build(model, layout, cell) {
    const { texts, inputNames, symbols } = model;
    const { X } = layout.vectors;
    const symbolic = symbols.length > 0;
    this.root.hidden = !model.controls.includes("touch") || model.touch !== "on";
    this.symbol.hidden = !symbolic;
    this.which.hidden = symbolic || model.inputs < 2;
    this.number.hidden = symbolic;
    this.symbol.setAttribute("aria-label", texts.symbol_choice);
    this.which.setAttribute("aria-label", texts.input_choice);
    this.number.setAttribute("aria-label", texts.input_value);
    if (symbolic) setOptions(this.symbol, [[NONE, "?"], ...symbols.map((name, at) => [String(at), showBlank(name)])], this.current(cell));
    else setOptions(this.which, Array.from({ length: model.inputs }, (_, at) => [String(at), inputNames[at] ?? String(at)]), String(cell.input));
    const right = layout.width - X.x - X.w;
    // Beside the symbol of the input, or over it where there are two things to choose.
    const top = X.y - (layout.wide && !this.which.hidden ? 62 * layout.grown : 33);
    this.root.style.right = `${right}px`;
    this.root.style.top = `${top}px`;
  }

  // The symbol that the input of this step is, "" where it is none.
  current({ model, engine, t, edits }) {
    const { inputs, symbols } = model;
    const row = engine.X.subarray(t * inputs, (t + 1) * inputs);
    for (let at = 0; at < symbols.length; at += 1) {
      const wanted = edits.rowOf(at);
      if (row.every((value, index) => value === wanted[index])) return String(at);
    }
    return NONE;
  }

  show(cell) {
    if (this.root.hidden) return;
    const active = this.root.getRootNode().activeElement;
    if (!this.symbol.hidden) this.symbol.value = this.current(cell);
    if (!this.which.hidden) this.which.value = String(cell.input);
    if (!this.number.hidden && active !== this.number) {
      this.number.value = cell.engine.X[cell.t * cell.model.inputs + cell.input].toFixed(3);
    }
  }
}
