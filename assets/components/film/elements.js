// The film's own elements: stage, sentence, and the controls under them.

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

const SPEEDS = [1, 2, 5, 10, 20];

export function buildElements(root, act) {
  const nodes = { buttons: {} };
  const toolbar = make("div", "toolbar");
  toolbar.setAttribute("role", "toolbar");
  const live = make("button", "live");
  live.type = "button";
  live.dataset.action = "live";
  live.onclick = () => act("live");
  live.append(make("span", "dot"), make("span", "words"));
  nodes.live = live;
  toolbar.append(
    iconGroup(nodes, act, "steps", "first", "back", "play", "forward", "last"),
    live,
    choiceOf(nodes, act, "speed"),
    choiceOf(nodes, act, "order"),
    saveMenu(nodes, act),
  );
  nodes.toolbar = toolbar;
  root.append(stageOf(nodes), toolbar, sentenceOf(nodes), nodes.help);
  return nodes;
}

export function labelElements(nodes, model, { speed, order, live, summary }) {
  const { texts } = model;
  labelButtons(nodes, texts);
  nodes.toolbar.setAttribute("aria-label", texts["picture title"]);
  nodes.live.lastChild.textContent = texts.live;
  nameButton(nodes.live, texts["live title"]);
  nodes.speed.words.textContent = texts.speed;
  nodes.speed.select.setAttribute("aria-label", texts.speed);
  setOptions(nodes.speed.select, SPEEDS.map((n) => [String(n), texts["frames per second"].replace("{n}", n)]), String(speed));
  nodes.order.words.textContent = texts.order;
  nodes.order.select.setAttribute("aria-label", texts.order);
  const orders = ["index", ...(model.orderBy === null ? [] : ["gate"])];
  const named = { index: texts["order index"], gate: texts[`order ${model.panels[model.orderBy ?? 0].name}`] };
  setOptions(nodes.order.select, orders.map((name) => [name, named[name]]), order);
  nodes.order.label.hidden = orders.length < 2;
  // The order would change under one's eyes while the last frame is not known yet.
  nodes.order.select.disabled = live;
  nodes.stage.setAttribute("aria-label", summary || texts["picture title"]);
  nodes.help.textContent = texts["how to use"];
}
