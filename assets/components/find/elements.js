// The component's own elements: the plot with its three handles, the stretch as text, the units, the places.

import { helpFor, make } from "../shared/dom.js";

function handle(className, vertical) {
  const node = make("div", `handle ${className}`);
  node.tabIndex = 0;
  node.setAttribute("role", "slider");
  if (vertical) node.setAttribute("aria-orientation", "vertical");
  node.append(make("span", "grip"));
  return node;
}

export function buildElements(root) {
  const nodes = {};
  nodes.plot = make("div", "plot");
  nodes.base = make("canvas", "base");
  nodes.over = make("canvas", "over");
  nodes.plot.setAttribute("role", "group");
  nodes.from = handle("edge from", false);
  nodes.to = handle("edge to", false);
  nodes.level = handle("level", true);
  nodes.plot.append(nodes.base, nodes.over, nodes.from, nodes.to, nodes.level);
  nodes.moving = make("div", "moving");
  nodes.scroll = make("input", "scroll");
  nodes.scroll.type = "range";
  nodes.inView = make("span", "words");
  nodes.moving.append(nodes.scroll, nodes.inView);
  nodes.reading = make("p", "reading");
  nodes.sentence = make("p", "sentence");
  nodes.sentence.setAttribute("aria-live", "polite");
  nodes.units = make("div", "units");
  nodes.unitsWord = make("span", "word");
  nodes.chips = make("div", "chips");
  nodes.chips.setAttribute("role", "group");
  nodes.add = select("add");
  nodes.need = select("need");
  nodes.units.append(nodes.unitsWord, nodes.chips, nodes.add.label, nodes.need.label);
  nodes.heading = make("h4", "heading");
  nodes.said = make("p", "said");
  nodes.places = make("ol", "places");
  helpFor(nodes, nodes.plot, nodes.from, nodes.to, nodes.level);
  root.append(nodes.plot, nodes.moving, nodes.reading, nodes.sentence, nodes.units, nodes.heading, nodes.said, nodes.places, nodes.help);
  return nodes;
}

function select(className) {
  const label = make("label", `choice ${className}`);
  const words = make("span", "words");
  const list = make("select");
  label.append(words, list);
  return { label, words, list };
}

// Fills a chooser; `options` are [value, text].
export function fillOptions(list, options, chosen) {
  list.replaceChildren(
    ...options.map(([value, text]) => {
      const option = make("option", "", text);
      option.value = String(value);
      return option;
    }),
  );
  list.value = String(chosen);
}
