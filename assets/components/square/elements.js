// The component's own elements: toolbar, stage, sentence.

import { choiceOf, iconGroup, labelButtons, make, nameButton, saveMenu, sentenceOf, setOptions, stageOf } from "../shared/dom.js";
import { setIcon } from "../shared/icons.js";

export const SPEEDS = [1, 2, 5, 10, 25, 50];

function wordButton(nodes, act, name, icon) {
  const button = make("button", "worded");
  button.type = "button";
  button.dataset.action = name;
  button.onclick = () => act(name);
  const sign = make("span", "sign");
  setIcon(sign, icon);
  const words = make("span", "words");
  button.append(sign, words);
  nodes.worded[name] = { button, words };
  return button;
}

// Builds everything once inside `root`; `act(name, value)` is called by the controls.
export function buildElements(root, act) {
  const nodes = { buttons: {}, worded: {} };
  nodes.toolbar = make("div", "toolbar");
  nodes.toolbar.setAttribute("role", "toolbar");
  nodes.toolbar.append(
    iconGroup(nodes, act, "steps", "first", "back", "play", "forward", "last"),
    choiceOf(nodes, act, "speed"),
    wordButton(nodes, act, "let go", "undo"),
    wordButton(nodes, act, "clear", "close"),
    saveMenu(nodes, act),
  );
  const stage = stageOf(nodes);
  root.append(nodes.toolbar, stage, sentenceOf(nodes), nodes.help);
  return nodes;
}

// Words and labels, which change with the language and the data.
export function labelElements(nodes, model, speed) {
  const { texts } = model;
  labelButtons(nodes, texts);
  for (const [name, { button, words }] of Object.entries(nodes.worded)) {
    words.textContent = texts[name];
    nameButton(button, texts[`${name} hint`]);
  }
  nodes.toolbar.setAttribute("aria-label", texts["picture title"]);
  nodes.speed.words.textContent = texts.speed;
  nodes.speed.select.setAttribute("aria-label", texts.speed);
  setOptions(nodes.speed.select, SPEEDS.map((n) => [String(n), texts["steps per second"].replace("{n}", n)]), String(speed));
  nodes.stage.setAttribute("aria-label", model.summary || texts["picture title"]);
  nodes.help.textContent = texts["how to use"];
}
