// The elements that pictures share: buttons, choices, a menu for saving, a tooltip. People's text only ever becomes
// text nodes. `act(name, value)` is called by the controls, which are kept in `nodes`.

import { setIcon } from "./icons.js";

export function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

export function nameButton(button, title) {
  button.title = title;
  button.setAttribute("aria-label", title);
}

export function iconGroup(nodes, act, className, ...names) {
  const box = make("div", `group ${className}`);
  for (const name of names) {
    const button = make("button", "icon");
    button.type = "button";
    button.dataset.action = name;
    setIcon(button, name);
    button.onclick = () => act(name);
    nodes.buttons[name] = button;
    box.appendChild(button);
  }
  return box;
}

export function choiceOf(nodes, act, name) {
  const label = make("label", `choice ${name}`);
  const words = make("span", "words");
  const select = make("select");
  select.onchange = () => act(name, select.value);
  label.append(words, select);
  nodes[name] = { label, words, select };
  return label;
}

export function saveMenu(nodes, act) {
  nodes.saveBox = make("details", "save");
  nodes.saveWord = make("summary", "icon");
  const menu = make("div", "menu");
  for (const kind of ["png", "svg"]) {
    const button = make("button", "item");
    button.type = "button";
    button.dataset.action = `save ${kind}`;
    button.onclick = () => {
      nodes.saveBox.open = false;
      act(`save ${kind}`);
    };
    nodes.buttons[`save ${kind}`] = button;
    menu.appendChild(button);
  }
  nodes.saveBox.append(nodes.saveWord, menu);
  return nodes.saveBox;
}

// A stage that takes the focus, with a canvas for the picture, one for the marks over it, and a tooltip.
export function stageOf(nodes) {
  nodes.stage = make("div", "stage");
  nodes.stage.tabIndex = 0;
  nodes.stage.setAttribute("role", "application");
  nodes.base = make("canvas", "base");
  nodes.over = make("canvas", "over");
  nodes.tooltip = make("div", "tooltip");
  nodes.tooltip.hidden = true;
  helpFor(nodes, nodes.stage);
  nodes.stage.append(nodes.base, nodes.over, nodes.tooltip);
  return nodes.stage;
}

// A paragraph, not to be seen, that tells how the elements are used.
export function helpFor(nodes, ...described) {
  nodes.help = make("p", "unseen");
  nodes.help.id = "how-to-use";
  for (const node of described) node.setAttribute("aria-describedby", nodes.help.id);
}

export function sentenceOf(nodes) {
  nodes.sentence = make("p", "sentence");
  nodes.sentence.setAttribute("aria-live", "polite");
  return nodes.sentence;
}

// The names of buttons and of the menu for saving.
export function labelButtons(nodes, texts) {
  for (const [name, button] of Object.entries(nodes.buttons)) {
    if (name.startsWith("save ")) button.textContent = texts[name];
    else nameButton(button, texts[name]);
  }
  setIcon(nodes.saveWord, "save");
  nameButton(nodes.saveWord, texts.save);
}

export function setOptions(select, entries, chosen) {
  const wanted = JSON.stringify(entries);
  if (select.dataset.entries !== wanted) {
    select.dataset.entries = wanted;
    select.replaceChildren(
      ...entries.map(([value, text]) => {
        const option = make("option", "", text);
        option.value = value;
        return option;
      }),
    );
  }
  select.value = chosen;
}

// Fills the tooltip and places it beside (x, y), inside the stage.
export function showTooltip(nodes, lines, x, y) {
  nodes.tooltip.replaceChildren(
    ...lines.map(({ text, value, ink, swatch, strong }) => {
      const row = make("div", strong ? "strong" : "row");
      if (swatch) {
        const box = make("span", "swatch");
        box.style.background = swatch;
        row.appendChild(box);
      }
      const name = make("span", "name", text);
      if (ink) name.style.color = ink;
      row.appendChild(name);
      if (value !== undefined) row.appendChild(make("span", "value", value));
      return row;
    }),
  );
  nodes.tooltip.hidden = false;
  const stage = nodes.stage.getBoundingClientRect();
  const box = nodes.tooltip.getBoundingClientRect();
  const left = x + 16 + box.width <= stage.width ? x + 16 : Math.max(x - 16 - box.width, 0);
  const top = Math.min(Math.max(y - box.height / 2, 0), Math.max(stage.height - box.height, 0));
  nodes.tooltip.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
}
