// The component's own elements: toolbar, stage, sentence, hints.

import {
  choiceOf,
  iconGroup,
  labelButtons,
  make,
  nameButton,
  saveMenu,
  sentenceOf,
  setOptions,
  stageOf,
} from "../shared/dom.js";
import { setIcon } from "../shared/icons.js";

export const SPEEDS = [1, 2, 5, 10, 25, 50, 100];

// Builds everything once inside `root`; `act(name, value)` is called by the controls.
export function buildElements(root, act) {
  const nodes = { buttons: {} };
  const toolbar = make("div", "toolbar");
  toolbar.setAttribute("role", "toolbar");
  toolbar.append(
    iconGroup(nodes, act, "steps", "first", "back", "play", "forward", "last"),
    choiceOf(nodes, act, "speed"),
    iconGroup(nodes, act, "zoom", "zoom in", "zoom out", "zoom reset"),
    choiceOf(nodes, act, "order"),
    saveMenu(nodes, act),
  );
  const stage = stageOf(nodes);
  nodes.close = make("button", "icon close");
  nodes.close.type = "button";
  nodes.close.onclick = () => act("close");
  setIcon(nodes.close, "close");
  stage.insertBefore(nodes.close, nodes.tooltip);
  nodes.hints = make("dl", "hints");
  nodes.toolbar = toolbar;
  root.append(toolbar, stage, sentenceOf(nodes), nodes.hints, nodes.help);
  return nodes;
}

// Words, options and labels, which change with the language and the data.
export function labelElements(nodes, model, { speed, order }) {
  const { texts } = model;
  labelButtons(nodes, texts);
  nameButton(nodes.close, texts.close);
  nodes.toolbar.setAttribute("aria-label", texts["picture title"]);
  nodes.speed.words.textContent = texts.speed;
  nodes.speed.select.setAttribute("aria-label", texts.speed);
  setOptions(nodes.speed.select, SPEEDS.map((n) => [String(n), texts["steps per second"].replace("{n}", n)]), String(speed));
  nodes.order.words.textContent = texts.order;
  setOptions(nodes.order.select, model.orders.map(({ name }) => [name, texts[`order ${name}`] ?? name]), order);
  nodes.order.label.hidden = model.orders.length < 2;
  nodes.stage.setAttribute("aria-label", model.summary || texts["picture title"]);
  nodes.help.textContent = texts["how to use"];
}

// How to read each panel, under the picture: to be seen where there was no room beside the titles.
export function labelHints(nodes, model, { hintsFit, noteFits }) {
  const rows = model.panels.map(({ label, hint, ink }) => ({ label, hint, ink, seen: !hintsFit }));
  if (model.outputs) rows.push({ label: model.texts.output, hint: model.outputs.note, ink: "", seen: !noteFits });
  const entries = rows.filter(({ hint }) => hint).map(({ label, hint, ink, seen }) => {
    const entry = make("div", seen ? "" : "unseen");
    const term = make("dt", "", label);
    term.style.color = ink;
    entry.append(term, make("dd", "", hint));
    return entry;
  });
  nodes.hints.replaceChildren(...entries);
}
