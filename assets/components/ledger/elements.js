// The component's own elements: a title with the menu for saving, the text that was read, the stage, a sentence.

import { labelButtons, make, saveMenu, sentenceOf, stageOf } from "../shared/dom.js";

export function buildElements(root, act) {
  const nodes = { buttons: {} };
  nodes.head = make("div", "head");
  nodes.title = make("p", "title");
  nodes.head.append(nodes.title, saveMenu(nodes, act));
  nodes.passage = make("div", "passage");
  nodes.passage.tabIndex = 0;
  nodes.passage.setAttribute("role", "group");
  const stage = stageOf(nodes);
  root.append(nodes.head, nodes.passage, stage, sentenceOf(nodes), nodes.help);
  return nodes;
}

export function labelElements(nodes, model) {
  const { texts } = model;
  labelButtons(nodes, texts);
  nodes.title.textContent = model.title;
  nodes.stage.setAttribute("aria-label", model.summary || model.title);
  nodes.passage.setAttribute("aria-label", texts.passage);
  nodes.help.textContent = texts["how to use"];
}
