// The four equations, with the current numbers of the chosen unit under each.

import { make } from "../shared/dom.js";
import { formatValue } from "../shared/text.js";

const ORDER = ["R", "Z", "H_tilde", "H"];

// A formula is a list of words; one in braces belongs to a symbol: "{Z:Zt}" shows Z with index t.
const GATE = (gate, sub) => `{${gate}:${gate}t} = σ( {X:Xt} W_x${sub} + {H_prev:Ht−1} W_h${sub} + b_${sub} )`;
const FORMULAS = {
  R: () => GATE("R", "r"),
  Z: () => GATE("Z", "z"),
  H_tilde: ({ reset }) =>
    reset === "before"
      ? "{H_tilde:H̃t} = tanh( {X:Xt} W_xh + ( {R:Rt} × {H_prev:Ht−1} ) W_hh + b_h )"
      : "{H_tilde:H̃t} = tanh( {X:Xt} W_xh + b_h + {R:Rt} × ( {H_prev:Ht−1} W_hh + b_hh ) )",
  H: ({ updates }) =>
    updates
      ? "{H:Ht} = ( 1 − {Z:Zt} ) × {H_prev:Ht−1} + {Z:Zt} × {H_tilde:H̃t}"
      : "{H:Ht} = {Z:Zt} × {H_prev:Ht−1} + ( 1 − {Z:Zt} ) × {H_tilde:H̃t}",
};

function subscripted(parent, base, index) {
  parent.append(base);
  if (index) parent.append(make("sub", "", index));
}

function writeFormula(line, formula, colours) {
  line.replaceChildren();
  for (const word of formula.split(" ")) {
    const marked = /^\{(\w+):(.̃?)(.*)\}$/u.exec(word);
    const node = make("span", "");
    if (marked) {
      node.dataset.symbol = marked[1];
      node.className = "symbol";
      node.style.color = colours[marked[1] === "H_prev" ? "H" : marked[1]];
      subscripted(node, marked[2], marked[3]);
    } else if (word.includes("_")) subscripted(node, ...word.split("_"));
    else node.append(word);
    line.append(node, " ");
  }
}

const twoDigits = (value) => formatValue(value, 2);
// A number that follows a sign or a factor: negative ones in parentheses.
const factor = (value) => (twoDigits(value).startsWith("−") ? `(${twoDigits(value)})` : twoDigits(value));
const signed = (...values) => values.map((value, at) => (at === 0 ? twoDigits(value) : `${twoDigits(value).startsWith("−") ? "− " : "+ "}${twoDigits(Math.abs(value))}`)).join(" ");

// What stands under a formula: { text, value, held }; a value that is held stands beside the one that was computed.
// `found` is what sums.js says of a unit; `turn` -1 where Z is shown under its other name.
function gateNumbers(found, applied, turn) {
  const parts = [found.xSum, found.hSum, found.bias].map((value) => turn * value);
  const activated = turn < 0 ? 1 - found.activated : found.activated;
  const shown = turn < 0 ? 1 - applied : applied;
  const held = Math.abs(activated - shown) > 1e-9 ? twoDigits(shown) : "";
  return { text: `= σ( ${signed(...parts)} ) = `, value: twoDigits(activated), held };
}

function candidateNumbers(found, mode) {
  const value = twoDigits(found.activated);
  if (mode === "before") return { text: `= tanh( ${signed(found.xSum, found.hSum, found.bias)} ) = `, value };
  return { text: `= tanh( ${signed(found.xSum, found.bias)} + ${twoDigits(found.gate)} × ${factor(found.hSum + found.hBias)} ) = `, value };
}

export class Equations {
  constructor(root) {
    this.cards = {};
    for (const name of ORDER) {
      const card = make("div", "card");
      card.dataset.symbol = name;
      const formula = make("div", "formula");
      const numbers = make("div", "numbers");
      card.append(formula, numbers);
      root.append(card);
      this.cards[name] = { card, formula, numbers };
    }
    // What stands there while the cell is a black box.
    this.whole = make("div", "card whole");
    root.append(this.whole);
  }

  // how: { updates, reset }: what Z means, and which of the two candidates is written down.
  write(how, colours) {
    for (const name of ORDER) writeFormula(this.cards[name].formula, FORMULAS[name](how), colours);
    writeFormula(this.whole, "{H:Ht} = GRU( {X:Xt} , {H_prev:Ht−1} )", colours);
  }

  // found: { R, Z, H_tilde } of sums.js, and { z, previous, candidate, state } of the unit; `own` false hides the
  // numbers of a candidate that is not this model's.
  fill(found, unit, how, texts, mode) {
    const mixed = `= ${twoDigits(unit.z)} × ${twoDigits(unit.previous)} + ${twoDigits(1 - unit.z)} × ${twoDigits(unit.candidate)} = `;
    const lines = {
      R: gateNumbers(found.R, found.R.applied, 1),
      Z: gateNumbers(found.Z, found.Z.applied, how.updates ? -1 : 1),
      H_tilde: how.reset === mode ? candidateNumbers(found.H_tilde, mode) : { text: texts.not_this_model, value: "" },
      H: { text: mixed, value: twoDigits(unit.state) },
    };
    for (const [name, { text, value, held }] of Object.entries(lines)) {
      const { numbers } = this.cards[name];
      const key = `${text}${value}${held ?? ""}`;
      if (numbers.dataset.said === key) continue;
      numbers.dataset.said = key;
      if (!held) numbers.textContent = text + value;
      else numbers.replaceChildren(text, make("s", "", value), " ", make("strong", "", held));
    }
  }
}
