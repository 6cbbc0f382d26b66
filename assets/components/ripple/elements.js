// The component's own elements: what is changed, the stage, the sentence.

import { choiceOf, iconGroup, labelButtons, make, saveMenu, sentenceOf, setOptions, stageOf } from "../shared/dom.js";
import { keepKeys } from "../shared/keys.js";
import { showBlank } from "../shared/text.js";
import { symbolOf } from "./words.js";

export function buildElements(root, act) {
  const nodes = { buttons: {} };
  const toolbar = make("div", "toolbar");
  toolbar.setAttribute("role", "toolbar");
  nodes.by = make("label", "choice by");
  nodes.byWords = make("span", "words");
  nodes.slider = make("input");
  nodes.slider.type = "range";
  nodes.slider.oninput = () => act("by", Number(nodes.slider.value));
  nodes.slider.onkeydown = keepKeys;
  nodes.byValue = make("output", "amount");
  nodes.by.append(nodes.byWords, nodes.slider, nodes.byValue);
  toolbar.append(
    iconGroup(nodes, act, "steps", "first", "back", "forward", "last"),
    choiceOf(nodes, act, "number"),
    choiceOf(nodes, act, "symbol"),
    nodes.by,
    choiceOf(nodes, act, "kind"),
    saveMenu(nodes, act),
  );
  nodes.toolbar = toolbar;
  root.append(toolbar, stageOf(nodes), sentenceOf(nodes), nodes.help);
  return nodes;
}

// Words and options, which change with the language and the data.
export function labelElements(nodes, model) {
  const { texts, choices, inputNames, by } = model;
  labelButtons(nodes, texts);
  nodes.toolbar.setAttribute("aria-label", texts["picture title"]);
  nodes.stage.setAttribute("aria-label", model.summary || texts["picture title"]);
  nodes.help.textContent = texts["how to use"];
  for (const name of ["symbol", "number", "kind"]) {
    nodes[name].words.textContent = texts[name];
    nodes[name].select.setAttribute("aria-label", texts[name]);
  }
  nodes.byWords.textContent = texts.by;
  nodes.slider.setAttribute("aria-label", texts.by);
  Object.assign(nodes.slider, { min: by[0], max: by[1], step: by[2] });
  const symbolic = choices.length > 0;
  nodes.symbol.label.hidden = !symbolic;
  nodes.number.label.hidden = symbolic || inputNames.length < 2;
  nodes.by.hidden = symbolic;
}

// What is chosen.
export function showChosen(nodes, model, chosen) {
  const { texts, choices, inputNames } = model;
  const kinds = ["change", "nudge"].map((kind) => [kind, texts[`kind ${kind}`]]);
  setOptions(nodes.kind.select, kinds, chosen.kind);
  if (choices.length) {
    const entries = choices.map(([index, name]) => [String(index), showBlank(name)]);
    setOptions(nodes.symbol.select, entries, String(symbolOf(model, chosen)));
    return;
  }
  setOptions(nodes.number.select, inputNames.map((name, at) => [String(at), name]), String(chosen.number));
  if (nodes.slider.getRootNode().activeElement !== nodes.slider) nodes.slider.value = chosen.by;
  nodes.byValue.textContent = `${chosen.by > 0 ? "+" : ""}${chosen.by.toFixed(1)}`.replace("-", "−");
}
