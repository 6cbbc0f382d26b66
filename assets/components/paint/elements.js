// The component's own elements: the palette, the grid with a row per gate, and the strip under it.

import { make, nameButton } from "../shared/dom.js";
import { tellKeys } from "../shared/keys.js";
import { fillIn, showBlank } from "../shared/text.js";

export const BRUSHES = [0, 0.5, 1, null];

const ANSWERED = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "0", "5", "1", "l", " "];

export function buildElements(root, act) {
  const nodes = { brushes: [], heads: {}, cells: { R: [], Z: [] }, shares: [] };
  nodes.palette = make("div", "palette");
  nodes.palette.setAttribute("role", "radiogroup");
  nodes.word = make("span", "word");
  nodes.palette.append(nodes.word);
  for (const value of BRUSHES) {
    const button = make("button", "brush");
    button.type = "button";
    button.setAttribute("role", "radio");
    button.dataset.brush = value === null ? "learned" : String(value);
    button.onclick = () => act("brush", value);
    nodes.brushes.push(button);
    nodes.palette.append(button);
  }
  nodes.any = make("button", "brush any");
  nodes.any.type = "button";
  nodes.any.setAttribute("role", "radio");
  nodes.any.dataset.brush = "any";
  nodes.any.onclick = () => act("any", Number(nodes.slider.value));
  nodes.slider = make("input");
  Object.assign(nodes.slider, { type: "range", min: "0", max: "1", step: "0.05", value: "0.25" });
  nodes.slider.oninput = () => act("any", Number(nodes.slider.value));
  nodes.palette.append(nodes.any, nodes.slider);
  nodes.scroll = make("div", "scroll");
  nodes.grid = make("div", "grid");
  nodes.grid.setAttribute("role", "grid");
  nodes.strip = make("div", "strip");
  nodes.strip.setAttribute("role", "list");
  nodes.scroll.append(nodes.grid, nodes.strip);
  nodes.hint = make("p", "hint");
  nodes.help = make("p", "unseen");
  nodes.help.id = "how-to-paint";
  nodes.grid.setAttribute("aria-describedby", nodes.help.id);
  tellKeys(nodes.grid, ANSWERED);
  root.append(nodes.palette, nodes.scroll, nodes.hint, nodes.help);
  return nodes;
}

// A column per step, in which the labels, both gates and the share stand below each other.
export function buildGrid(nodes, model, act) {
  const { labels, rows, marked, texts } = model;
  const columns = `var(--head) var(--start) repeat(${labels.length}, minmax(var(--cell), 1fr))`;
  nodes.grid.style.gridTemplateColumns = columns;
  nodes.strip.style.gridTemplateColumns = columns;
  const line = (className, ...parts) => {
    const row = make("div", className);
    row.setAttribute("role", "row");
    row.append(...parts);
    return row;
  };
  const steps = labels.map((label, step) => {
    const cell = make("div", marked.includes(step) ? "label marked" : "label");
    cell.setAttribute("role", "columnheader");
    cell.append(make("span", "sign", showBlank(label)), make("span", "number", String(step)));
    return cell;
  });
  const corner = make("div", "head reads", texts.reads);
  corner.setAttribute("role", "columnheader");
  nodes.startHead = make("div", "label");
  nodes.startHead.setAttribute("role", "columnheader");
  if (model.strip) nodes.startHead.append(subscript("H", "0"));
  const lines = [line("line labels", corner, nodes.startHead, ...steps)];
  for (const { gate } of rows) {
    const head = make("div", "head");
    head.setAttribute("role", "rowheader");
    const button = make("button", "whole", gate);
    button.type = "button";
    button.onclick = () => act("row", gate);
    nameButton(button, fillIn(texts["paint row"], { gate }));
    head.append(button);
    nodes.heads[gate] = button;
    nodes.cells[gate] = labels.map((_, step) => {
      const cell = make("div", "cell");
      cell.setAttribute("role", "gridcell");
      Object.assign(cell.dataset, { gate, step });
      return cell;
    });
    const empty = make("div", "gap");
    empty.setAttribute("role", "presentation");
    lines.push(line("line", head, empty, ...nodes.cells[gate]));
  }
  nodes.grid.replaceChildren(...lines);
  const title = make("div", "head of");
  title.setAttribute("aria-hidden", "true");
  title.append(subscript("H", "T"));
  nodes.shares = ["start", ...labels].map((_, at) => {
    const share = make("div", at === 0 ? "share start" : "share");
    share.setAttribute("role", "listitem");
    share.append(make("span", "bar"), make("span", "amount"));
    return share;
  });
  nodes.strip.replaceChildren(title, ...nodes.shares);
}

function subscript(letter, below) {
  const sign = make("span", "sign", letter);
  sign.append(make("sub", "", below));
  return sign;
}
