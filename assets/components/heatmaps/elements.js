// The component's own elements: toolbar, stage, tooltip, sentence. People's text only ever becomes text nodes.

const ICONS = {
  first: "M3 3h2v10H3zM13 3v10L6 8z",
  back: "M11 3v10L4 8z",
  play: "M4 2.5v11L13.5 8z",
  pause: "M4 3h3v10H4zM9 3h3v10H9z",
  forward: "M5 3v10l7-5z",
  last: "M11 3h2v10h-2zM3 3v10l7-5z",
  "zoom in": "M7 2h2v5h5v2H9v5H7V9H2V7h5z",
  "zoom out": "M2 7h12v2H2z",
  "zoom reset": "M2 2h5v2H4v3H2zM9 2h5v5h-2V4H9zM2 9h2v3h3v2H2zM12 9h2v5H9v-2h3z",
  save: "M7 2h2v6h3l-4 4-4-4h3zM2 13h12v1.5H2z",
  close: "M3.5 2.4 8 6.9l4.5-4.5 1.1 1.1L9.1 8l4.5 4.5-1.1 1.1L8 9.1l-4.5 4.5-1.1-1.1L6.9 8 2.4 3.5z",
};

export const SPEEDS = [1, 2, 5, 10, 25, 50, 100];

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

export function setIcon(button, name) {
  const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  icon.setAttribute("viewBox", "0 0 16 16");
  icon.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  icon.appendChild(path);
  button.replaceChildren(icon);
}

function nameButton(button, title) {
  button.title = title;
  button.setAttribute("aria-label", title);
}

// Builds everything once inside `root`; `act(name, value)` is called by the controls.
export function buildElements(root, act) {
  const nodes = { buttons: {} };
  const toolbar = make("div", "toolbar");
  toolbar.setAttribute("role", "toolbar");
  const group = (className, ...names) => {
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
  };
  const labelled = (name) => {
    const label = make("label", `choice ${name}`);
    const words = make("span", "words");
    const select = make("select");
    select.onchange = () => act(name, select.value);
    label.append(words, select);
    nodes[name] = { label, words, select };
    return label;
  };
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
  toolbar.append(
    group("steps", "first", "back", "play", "forward", "last"),
    labelled("speed"),
    group("zoom", "zoom in", "zoom out", "zoom reset"),
    labelled("order"),
    nodes.saveBox,
  );
  nodes.stage = make("div", "stage");
  nodes.stage.tabIndex = 0;
  nodes.stage.setAttribute("role", "application");
  nodes.base = make("canvas", "base");
  nodes.over = make("canvas", "over");
  nodes.close = make("button", "icon close");
  nodes.close.type = "button";
  nodes.close.onclick = () => act("close");
  setIcon(nodes.close, "close");
  nodes.tooltip = make("div", "tooltip");
  nodes.tooltip.hidden = true;
  nodes.stage.append(nodes.base, nodes.over, nodes.close, nodes.tooltip);
  nodes.sentence = make("p", "sentence");
  nodes.sentence.setAttribute("aria-live", "polite");
  nodes.hints = make("dl", "hints");
  nodes.help = make("p", "unseen");
  nodes.help.id = "how-to-use";
  nodes.stage.setAttribute("aria-describedby", "how-to-use");
  nodes.toolbar = toolbar;
  root.append(toolbar, nodes.stage, nodes.sentence, nodes.hints, nodes.help);
  return nodes;
}

function setOptions(select, entries, chosen) {
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

// Words, options and labels, which change with the language and the data.
export function labelElements(nodes, model, { speed, order }) {
  const { texts } = model;
  for (const [name, button] of Object.entries(nodes.buttons)) {
    if (name.startsWith("save ")) button.textContent = texts[name];
    else nameButton(button, texts[name]);
  }
  nameButton(nodes.close, texts.close);
  setIcon(nodes.saveWord, "save");
  nodes.saveWord.title = texts.save;
  nodes.saveWord.setAttribute("aria-label", texts.save);
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
