// The race's own elements: stage, sentence, menu for saving, and the numbers as a table for those who listen.

import { labelButtons, make, saveMenu, sentenceOf, stageOf } from "../shared/dom.js";
import { factsOf } from "./words.js";

export function buildElements(root, act) {
  const nodes = { buttons: {} };
  const foot = make("div", "foot");
  // A table is never narrower than its words, so it is a box around it that takes no room.
  const box = make("div", "unseen");
  nodes.table = make("table");
  box.append(nodes.table);
  foot.append(sentenceOf(nodes), saveMenu(nodes, act));
  root.append(stageOf(nodes), foot, box, nodes.help);
  return nodes;
}

export function labelElements(nodes, model, summary) {
  const { texts } = model;
  labelButtons(nodes, texts);
  nodes.stage.setAttribute("aria-label", summary || texts["picture title"]);
  nodes.help.textContent = texts["how to use"];
}

export function fillTable(nodes, race) {
  const { texts } = race.model;
  const names = [texts.lane, texts.score, texts.state, texts.weights, texts.time, texts.gradient];
  const row = (cells, tag) => {
    const line = make("tr");
    line.append(...cells.map((text) => make(tag, "", text)));
    return line;
  };
  const rows = race.lanes.map((lane) => {
    const { score, state, weights, time, gradient } = factsOf(race, lane);
    return row([lane.name, score, state, weights, time, gradient], "td");
  });
  nodes.table.replaceChildren(row(names, "th"), ...rows);
}
