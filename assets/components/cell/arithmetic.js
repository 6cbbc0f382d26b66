// The arithmetic of one unit: every product, sorted by size, W·x and U·h apart, their sums, and the squashing.

import { make } from "../shared/dom.js";
import { fillIn, formatValue } from "../shared/text.js";
import { svg, svgText } from "./svg.js";
import { keepKeys } from "../shared/keys.js";

const three = (value) => formatValue(value, 3);

// The largest `most` terms, and what is left of them: { count, sum }.
export function splitTerms(list, most) {
  if (list.length <= most) return { shown: list, rest: null };
  const shown = list.slice(0, most - 1);
  const rest = list.slice(most - 1);
  return { shown, rest: { count: rest.length, sum: rest.reduce((total, { product }) => total + product, 0) } };
}

export class Arithmetic {
  constructor(root, act) {
    this.root = root;
    this.act = act;
    this.head = make("div", "head");
    this.tabs = make("div", "segments tabs");
    this.tabs.setAttribute("role", "group");
    this.title = make("div", "title");
    this.close = make("button", "icon close-depth");
    this.close.type = "button";
    this.close.textContent = "×";
    this.close.onclick = () => act("depth", "gates");
    this.head.append(this.title, this.tabs, this.close);
    this.body = make("div", "body");
    this.lists = { x: make("div", "terms"), h: make("div", "terms") };
    this.ladder = make("div", "ladder");
    this.body.append(this.lists.x, this.lists.h, this.ladder);
    root.append(this.head, this.body);
    this.buttons = {};
    for (const name of ["R", "Z", "H_tilde", "H"]) {
      const button = make("button", "segment");
      button.type = "button";
      button.onclick = () => act("open", name);
      this.tabs.append(button);
      this.buttons[name] = button;
    }
  }

  // what: { name, unit, found, blend, how, most }.
  fill(what) {
    const { name, model, colours } = what;
    for (const [each, button] of Object.entries(this.buttons)) {
      button.textContent = model.symbolLabels[each];
      button.style.color = colours[each];
      button.setAttribute("aria-pressed", String(each === name));
    }
    const { texts } = model;
    this.tabs.setAttribute("aria-label", texts.arithmetic_of);
    this.close.setAttribute("aria-label", texts.close_arithmetic);
    this.close.title = texts.close_arithmetic;
    this.title.textContent = fillIn(texts.arithmetic_title, { symbol: model.symbolLabels[name], name: texts[`name_${name}`], unit: what.unit, step: what.step });
    this.root.dataset.gate = name;
    if (name === "H") this.fillState(what);
    else this.fillGate(what);
  }

  fillGate({ name, found, turn, texts, most, names, colours, weights, sums }) {
    const table = [
      ["x", found.x, names.x, found.xSum, "X"],
      ["h", found.h, names.h, found.hSum, "H_prev"],
    ];
    for (const [kind, list, nameOf, sum, symbol] of table) {
      this.fillTerms(this.lists[kind], { list, nameOf, sum: turn * sum, turn, texts, most, symbol, title: texts[`terms_${kind}_${sums}`] ?? texts[`terms_${kind}`], editable: weights[kind], colour: colours[symbol === "X" ? "X" : "H"] });
      this.lists[kind].hidden = false;
    }
    this.fillLadder({ name, found, turn, texts, colours });
  }

  fillTerms(box, { list, nameOf, sum, turn, texts, most, title, editable, symbol, colour }) {
    const { shown, rest } = splitTerms(list, most);
    const largest = Math.max(...list.slice(0, 1).map(({ product }) => Math.abs(product)), 1e-9);
    box.dataset.symbol = symbol;
    const heading = make("div", "heading", title);
    heading.style.color = colour;
    const rows = shown.map(({ index, weight, value, product }) =>
      termRow({
        name: nameOf(index),
        value: three(value),
        weight: turn * weight,
        product: turn * product,
        share: (turn * product) / largest,
        edit: (next) => this.act("weight", { name: editable, row: index, value: turn * next }),
        label: fillIn(texts.edit_weight, { name: nameOf(index) }),
      }),
    );
    if (rest) {
      const row = make("div", "term rest");
      row.append(make("span", "more", fillIn(texts.rest_of_terms, { n: rest.count })), make("span", "product", three(turn * rest.sum)));
      rows.push(row);
    }
    const total = make("div", "term total");
    total.append(make("span", "more", texts.sum), make("span", "product", three(sum)));
    const held = this.held(box);
    if (held) return;
    box.replaceChildren(heading, ...rows, total);
  }

  // Whether somebody is typing in this list: it stays as it is until they are done.
  held(box) {
    const active = this.root.getRootNode().activeElement;
    return active?.tagName === "INPUT" && box.contains(active);
  }

  fillLadder({ name, found, turn, texts, colours }) {
    const after = found.gate !== 1 || found.hBias !== 0;
    const candidate = name === "H_tilde";
    const steps = [[texts.ladder_x, turn * found.xSum, colours.X]];
    if (candidate && found.outside) {
      steps.push([texts.ladder_bias, found.bias, null]);
      steps.push([fillIn(texts.ladder_reset, { r: three(found.gate), h: three(found.hSum), b: three(found.hBias) }), found.gate * (found.hSum + found.hBias), colours.R]);
    } else {
      steps.push([texts.ladder_h, turn * found.hSum, colours.H]);
      steps.push([texts.ladder_bias, turn * found.bias, null]);
    }
    const rows = steps.map(([text, value, colour]) => {
      const row = make("div", "rung");
      const word = make("span", "word", text);
      if (colour) word.style.color = colour;
      row.append(word, make("span", "product", three(value)));
      return row;
    });
    const total = make("div", "rung total");
    total.append(make("span", "word", "a"), make("span", "product", three(turn * found.total)));
    const activated = turn < 0 ? 1 - found.activated : found.activated;
    const applied = turn < 0 ? 1 - found.applied : found.applied;
    const result = make("div", "rung result");
    const word = make("span", "word", `${candidate ? "tanh" : "σ"}( a )`);
    const value = make("span", "product", three(activated));
    value.style.color = colours[name];
    result.append(word, value);
    const curve = squashing({ candidate, activation: found.activation, at: turn * found.total, value: activated, colour: colours[name] });
    this.ladder.replaceChildren(make("div", "heading", texts.ladder), ...rows, total, curve, result);
    if (Math.abs(applied - activated) > 1e-9) {
      this.ladder.append(make("div", "rung held", fillIn(texts.held_at, { value: three(applied) })));
    }
    this.ladder.dataset.mode = after ? "after" : "";
  }

  fillState({ state, texts, colours, how }) {
    this.lists.x.hidden = true;
    this.lists.h.hidden = false;
    const { z, previous, candidate } = state;
    const [first, second] = how.updates ? ["1 − Z", "Z"] : ["Z", "1 − Z"];
    const line = (share, value, product, symbols, colour) => {
      const row = make("div", "state-line");
      const left = make("span", "", symbols[0]);
      left.style.color = colours.Z;
      const right = make("span", "", symbols[1]);
      right.style.color = colour;
      row.append(left, make("span", "times", "×"), right, make("span", "times", "="));
      row.append(make("span", "number", `${three(share)} × ${three(value)} = ${three(product)}`));
      return row;
    };
    this.lists.h.dataset.symbol = "H";
    this.lists.h.replaceChildren(
      make("div", "heading", texts.state_sum),
      line(z, previous, z * previous, [first, "Hₜ₋₁"], colours.H),
      line(1 - z, candidate, (1 - z) * candidate, [second, "H̃ₜ"], colours.H_tilde),
    );
    const result = make("div", "rung result");
    const value = make("span", "product", three(state.state));
    value.style.color = colours.H;
    result.append(make("span", "word", texts.state_total), value);
    this.lists.h.append(result, balance(state, colours));
    this.ladder.replaceChildren();
  }
}

function termRow({ name, value, weight, product, share, edit, label }) {
  const row = make("div", "term");
  const input = make("input", "weight");
  input.type = "number";
  input.step = "0.1";
  input.value = weight.toFixed(3);
  input.setAttribute("aria-label", label);
  input.onkeydown = (event) => {
    keepKeys(event);
    event.stopPropagation();
    if (event.key === "Enter" || event.key === "Escape") input.blur();
  };
  input.oninput = () => input.value !== "" && Number.isFinite(Number(input.value)) && edit(Number(input.value));
  const bar = make("span", "bar");
  const fill = make("span", product < 0 ? "negative" : "positive");
  fill.style.width = `${Math.min(Math.abs(share), 1) * 50}%`;
  bar.append(fill);
  const what = make("span", "name", name);
  what.title = name;
  row.append(what, make("span", "value", value), make("span", "times", "×"), input, make("span", "times", "="), make("span", "product", three(product)), bar);
  return row;
}

// σ or tanh as a curve with the point at a.
function squashing({ candidate, activation, at, value, colour }) {
  const [width, height, reach] = [210, 84, 6];
  const node = svg("svg", { viewBox: `0 0 ${width} ${height}`, class: "curve", "aria-hidden": "true" });
  const low = candidate ? -1 : 0;
  const px = (a) => ((Math.min(Math.max(a, -reach), reach) + reach) / (2 * reach)) * (width - 12) + 6;
  const py = (v) => height - 8 - ((v - low) / (1 - low)) * (height - 16);
  let path = "";
  for (let step = 0; step <= 60; step += 1) {
    const a = -reach + (step / 60) * 2 * reach;
    path += `${step ? "L" : "M"}${px(a).toFixed(1)} ${py(candidate ? Math.tanh(a) : activation(a)).toFixed(1)}`;
  }
  svg("path", { d: `M${px(0)} 4V${height - 4}M6 ${py(candidate ? 0 : 0.5)}H${width - 6}`, class: "axes" }, node);
  svg("path", { d: path, class: "line" }, node);
  svg("path", { d: `M${px(at)} ${py(candidate ? 0 : 0)}V${py(value)}H${px(0)}`, class: "drop", stroke: colour }, node);
  svg("circle", { cx: px(at), cy: py(value), r: 6, fill: colour }, node);
  return node;
}

// Old state and candidate on one line from -1 to 1, and where Z puts the new state between them.
function balance({ previous, candidate, state }, colours) {
  const [width, height, line] = [720, 92, 46];
  const node = svg("svg", { viewBox: `0 0 ${width} ${height}`, class: "balance", "aria-hidden": "true" });
  const px = (v) => ((Math.min(Math.max(v, -1), 1) + 1) / 2) * (width - 80) + 40;
  svg("path", { d: `M40 ${line}H${width - 40}`, class: "axes" }, node);
  for (const tick of [-1, 0, 1]) {
    svg("path", { d: `M${px(tick)} ${line - 6}v12`, class: "axes" }, node);
    svgText(node, formatValue(tick, 0), px(tick), line + 40, { size: 14, fill: "currentColor", anchor: "middle" });
  }
  svg("path", { d: `M${px(previous)} ${line}H${px(candidate)}`, stroke: colours.Z, "stroke-width": 5 }, node);
  for (const [value, colour, name] of [[previous, colours.H, "Hₜ₋₁"], [candidate, colours.H_tilde, "H̃ₜ"]]) {
    svg("circle", { cx: px(value), cy: line, r: 9, fill: "none", stroke: colour, "stroke-width": 4 }, node);
    svgText(node, name, px(value), line - 18, { size: 18, fill: colour, weight: 700, anchor: "middle" });
  }
  svg("circle", { cx: px(state), cy: line, r: 7, fill: colours.H }, node);
  return node;
}
