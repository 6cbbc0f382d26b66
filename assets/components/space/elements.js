// The component's own elements: toolbar, stage, the key to the colours, a sentence.

import {
  choiceOf,
  iconGroup,
  labelButtons,
  make,
  saveMenu,
  sentenceOf,
  setOptions,
  stageOf,
} from "../shared/dom.js";

const SPEEDS = [1, 2, 5, 10, 25, 50, 100];
const SVG = "http://www.w3.org/2000/svg";

export function buildElements(root, act) {
  const nodes = { buttons: {} };
  nodes.toolbar = make("div", "toolbar");
  nodes.toolbar.setAttribute("role", "toolbar");
  nodes.toolbar.append(
    iconGroup(nodes, act, "steps", "first", "back", "play", "forward", "last"),
    choiceOf(nodes, act, "speed"),
    choiceOf(nodes, act, "depth"),
    choiceOf(nodes, act, "colour"),
    iconGroup(nodes, act, "zoom", "zoom in", "zoom out", "zoom reset"),
    saveMenu(nodes, act),
  );
  nodes.key = make("div", "key");
  root.append(nodes.toolbar, stageOf(nodes), nodes.key, sentenceOf(nodes), nodes.help);
  return nodes;
}

export function labelElements(nodes, model, { speed, depth, colour }) {
  const { texts } = model;
  labelButtons(nodes, texts);
  nodes.toolbar.setAttribute("aria-label", texts["picture title"]);
  choose(nodes.speed, texts.speed, SPEEDS.map((n) => [String(n), texts["steps per second"].replace("{n}", n)]), String(speed));
  choose(nodes.depth, texts.depth, ["3", "2"].map((n) => [n, texts[`depth ${n}`]]), depth);
  nodes.depth.label.hidden = model.axes.length < 3;
  choose(nodes.colour, texts.colour, model.colourings.map(({ name }) => [name, texts[`colour ${name}`]]), colour);
  nodes.stage.setAttribute("aria-label", model.summary || texts["picture title"]);
  nodes.help.textContent = texts["how to use"];
}

function choose({ words, select }, name, entries, chosen) {
  words.textContent = name;
  select.setAttribute("aria-label", name);
  setOptions(select, entries, chosen);
}

// What each line, colour and mark means: a list of { text, line: { colour, dash } } or { text, mark }, or { ramp }.
export function fillKey(nodes, entries) {
  nodes.key.replaceChildren(
    ...entries.map((entry) => {
      const node = make("span", "");
      if (entry.ramp) {
        const bar = make("i", "ramp");
        bar.style.background = `linear-gradient(to right, ${entry.ramp.join(", ")})`;
        node.append(make("span", "", entry.text), bar, make("span", "", entry.last));
      } else {
        node.append(entry.line ? sample(entry.line) : mark(entry.mark, entry.colour), make("span", "", entry.text));
      }
      return node;
    }),
  );
}

function sample({ colour, dash, width }) {
  const line = document.createElementNS(SVG, "line");
  const said = { x1: 1, x2: 25, y1: 7, y2: 7, stroke: colour, "stroke-width": width, "stroke-dasharray": dash.join(" ") };
  return inSvg(line, said, "0 0 26 14", "");
}

function mark(kind, colour) {
  const node = document.createElementNS(SVG, kind === "unstable" ? "path" : "circle");
  const ring = { cx: 7, cy: 7, r: 5, stroke: colour, "stroke-width": 2, fill: kind === "saddle" || kind === "slow" ? "none" : colour };
  if (kind === "slow") Object.assign(ring, { r: 4, "stroke-dasharray": "2 2" });
  const cross = { d: "M2 2l10 10M12 2L2 12", stroke: colour, "stroke-width": 2.5 };
  return inSvg(node, kind === "unstable" ? cross : ring, "0 0 14 14", "mark");
}

function inSvg(node, attributes, box, name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", box);
  svg.setAttribute("aria-hidden", "true");
  if (name) svg.setAttribute("class", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  svg.appendChild(node);
  return svg;
}
