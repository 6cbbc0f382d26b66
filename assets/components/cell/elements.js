// The component's own elements: toolbar, stage with the drawing, equations, time line, sentence, notes.

import { choiceOf, helpFor, iconGroup, labelButtons, make, nameButton, saveMenu, sentenceOf, setOptions } from "../shared/dom.js";
import { fillIn } from "../shared/text.js";
import { svg } from "./svg.js";

export const SPEEDS = [1, 2, 3, 5, 10, 25, 60];
export const DEPTHS = ["box", "gates", "arithmetic"];
export const CONTROLS = ["play", "depth", "unit", "touch", "conventions", "equations", "strips", "save"];

// A row of buttons of which one is pressed: a radio group whose keys are the browser's own Tab and Enter.
function segments(nodes, act, name, values) {
  const box = make("div", `segments ${name}`);
  box.setAttribute("role", "group");
  nodes.segments[name] = { box, buttons: {} };
  for (const value of values) {
    const button = make("button", "segment");
    button.type = "button";
    button.dataset.value = value;
    button.onclick = () => act(name, value);
    nodes.segments[name].buttons[value] = button;
    box.appendChild(button);
  }
  return box;
}

function toggle(nodes, act, name) {
  const button = make("button", `segment toggle ${name}`);
  button.type = "button";
  button.onclick = () => act(name);
  nodes.toggles[name] = button;
  return button;
}

export function buildCellElements(root, act) {
  const nodes = { buttons: {}, segments: {}, toggles: {} };
  nodes.toolbar = make("div", "toolbar");
  nodes.toolbar.setAttribute("role", "toolbar");
  nodes.badge = make("span", "badge");
  const touch = make("div", "group touch");
  touch.append(
    segments(nodes, act, "scope", ["step", "on"]),
    iconGroup(nodes, act, "history", "undo", "redo", "reset"),
    toggle(nodes, act, "ripple"),
  );
  nodes.toolbar.append(
    iconGroup(nodes, act, "steps", "first", "back", "play", "forward", "last"),
    choiceOf(nodes, act, "speed"),
    segments(nodes, act, "depth", DEPTHS),
    choiceOf(nodes, act, "unit"),
    touch,
    saveMenu(nodes, act),
  );
  nodes.stage = make("div", "stage");
  nodes.stage.setAttribute("role", "figure");
  nodes.drawing = svg("svg", { class: "drawing", role: "group" });
  nodes.stage.append(nodes.drawing);
  nodes.inputBox = make("div", "input-box");
  nodes.panel = make("div", "arithmetic");
  nodes.panel.hidden = true;
  nodes.stage.append(nodes.inputBox, nodes.badge, nodes.panel);
  nodes.equations = make("div", "equations");
  nodes.timeline = make("div", "timeline");
  nodes.timeline.tabIndex = 0;
  nodes.timeline.setAttribute("role", "slider");
  nodes.timeline.setAttribute("aria-orientation", "horizontal");
  nodes.base = make("canvas", "base");
  nodes.over = make("canvas", "over");
  // The slider says in words what they show of its step.
  for (const canvas of [nodes.base, nodes.over]) canvas.setAttribute("aria-hidden", "true");
  nodes.timeline.append(nodes.base, nodes.over);
  nodes.conventions = make("div", "conventions");
  nodes.zWord = make("span", "words");
  nodes.resetWord = make("span", "words");
  nodes.conventions.append(
    nodes.zWord,
    segments(nodes, act, "z_means", ["keeps", "updates"]),
    nodes.resetWord,
    segments(nodes, act, "shows_reset", ["before", "after"]),
  );
  nodes.note = make("p", "note");
  nodes.conventions.append(nodes.note);
  helpFor(nodes, nodes.drawing, nodes.timeline);
  root.append(nodes.toolbar, nodes.stage, nodes.equations, nodes.conventions, nodes.timeline, sentenceOf(nodes), nodes.help);
  return nodes;
}

// Words, which change with the language, and options, which change with the data.
export function labelCellElements(nodes, model, state) {
  const { texts } = model;
  labelButtons(nodes, { ...texts, "save png": texts.save_png, "save svg": texts.save_svg });
  nodes.toolbar.setAttribute("aria-label", texts.picture_title);
  nodes.stage.setAttribute("aria-label", model.summary || texts.picture_title);
  nodes.timeline.setAttribute("aria-label", texts.step_slider);
  nodes.help.textContent = texts.how_to_use;
  nodes.speed.words.textContent = texts.speed;
  nodes.speed.select.setAttribute("aria-label", texts.speed);
  const speeds = SPEEDS.map((n) => [String(n), fillIn(texts.steps_per_second, { n })]);
  setOptions(nodes.speed.select, speeds, String(state.speed));
  nodes.unit.words.textContent = texts.unit;
  nodes.unit.select.setAttribute("aria-label", texts.unit);
  const units = Array.from({ length: model.units }, (_, unit) => [String(unit), String(unit)]);
  setOptions(nodes.unit.select, units, String(state.unit));
  for (const [name, { box, buttons }] of Object.entries(nodes.segments)) {
    box.setAttribute("aria-label", texts[`${name}_label`]);
    for (const [value, button] of Object.entries(buttons)) {
      button.textContent = texts[`${name}_${value}`];
      button.title = texts[`${name}_${value}_help`] ?? "";
    }
  }
  nodes.toggles.ripple.textContent = texts.ripple;
  nodes.toggles.ripple.title = texts.ripple_help;
  nodes.zWord.textContent = texts.z_means_label;
  nodes.resetWord.textContent = texts.shows_reset_label;
  const shown = new Set(model.controls);
  if (model.touch !== "on") shown.delete("touch");
  nodes.toolbar.hidden = !["play", "depth", "unit", "touch", "save"].some((name) => shown.has(name));
  const homes = {
    play: [nodes.toolbar.querySelector(".steps"), nodes.speed.label],
    depth: [nodes.segments.depth.box],
    unit: [nodes.unit.label],
    touch: [nodes.toolbar.querySelector(".touch")],
    save: [nodes.saveBox],
    conventions: [nodes.conventions],
    equations: [nodes.equations],
    strips: [nodes.timeline],
  };
  for (const [name, places] of Object.entries(homes)) {
    for (const place of places) place.hidden = !shown.has(name);
  }
}

export function pressSegment(nodes, name, value) {
  for (const [each, button] of Object.entries(nodes.segments[name].buttons)) {
    button.setAttribute("aria-pressed", String(each === value));
  }
}

export function pressToggle(nodes, name, on) {
  nodes.toggles[name].setAttribute("aria-pressed", String(on));
}

export function nameCellButton(button, text) {
  if (button.title !== text) nameButton(button, text);
}
