// The portrait's own elements: the square, and beside it what is read, how the gates are held, and what rests where.

import { choiceOf, iconGroup, labelButtons, make, nameButton, saveMenu, sentenceOf, setOptions, stageOf } from "../shared/dom.js";
import { keepKeys } from "../shared/keys.js";
import { fillIn, formatValue } from "../shared/text.js";

export function buildElements(root, act) {
  const nodes = { buttons: {}, gates: {}, inputs: [] };
  const board = make("div", "board");
  const left = make("div", "left");
  left.append(stageOf(nodes), sentenceOf(nodes), nodes.help);
  const panel = make("div", "panel");
  nodes.toolbar = make("div", "toolbar");
  nodes.toolbar.setAttribute("role", "toolbar");
  nodes.toolbar.append(iconGroup(nodes, act, "steps", "first", "back", "play", "forward", "last"), saveMenu(nodes, act));
  nodes.where = make("p", "where");
  const input = choiceOf(nodes, act, "input");
  nodes.sliders = make("div", "sliders");
  nodes.gateBox = make("div", "gates");
  for (const gate of ["R", "Z"]) nodes.gateBox.append(gateRow(nodes, act, gate));
  const units = choiceOf(nodes, act, "units");
  nodes.note = make("p", "note");
  nodes.points = make("ul", "points");
  nodes.forget = make("button", "plain");
  nodes.forget.type = "button";
  nodes.forget.classList.add("forget");
  nodes.forget.onclick = () => act("forget");
  nodes.hint = make("p", "hint");
  nodes.legend = make("div", "legend");
  nodes.samples = ["", " dots"].map((kind) => {
    const entry = make("span", "entry");
    entry.append(make("span", `sample${kind}`), make("span", "words"));
    nodes.legend.append(entry);
    return entry;
  });
  panel.append(nodes.toolbar, nodes.where, input, nodes.sliders, nodes.gateBox, units, nodes.note, nodes.points, nodes.legend, nodes.hint, nodes.forget);
  board.append(left, panel);
  root.append(board);
  Object.assign(nodes, { board, left, panel });
  return nodes;
}

// A slider with its name and its number: { row, name, input, number }.
function sliderOf(className, { low, high, step }, moved, settled) {
  const row = make("label", className);
  const name = make("span", "name");
  const input = make("input");
  Object.assign(input, { type: "range", min: low, max: high, step });
  const number = make("output", "number");
  input.oninput = () => moved(Number(input.value));
  input.onchange = () => settled();
  input.onkeydown = (event) => {
    // Streamlit's and the picture's keys are not meant here.
    keepKeys(event);
    event.stopPropagation();
  };
  row.append(name, input, number);
  return { row, name, input, number };
}

function gateRow(nodes, act, gate) {
  const box = make("div", "gate");
  box.dataset.gate = gate;
  const slider = sliderOf("slider", { low: 0, high: 1, step: 0.01 }, (value) => act("gate", { gate, value }), () => act("settle"));
  const learned = make("button", "plain learned");
  learned.type = "button";
  learned.onclick = () => act("learned", gate);
  box.append(slider.row, learned);
  nodes.gates[gate] = { ...slider, box, learned };
  return box;
}

// One slider per input; made again only where there are others.
export function buildSliders(nodes, inputs, act) {
  const wanted = JSON.stringify(inputs);
  if (nodes.sliders.dataset.inputs === wanted) return;
  nodes.sliders.dataset.inputs = wanted;
  nodes.inputs = inputs.map(({ name, low, high }, index) => {
    const slider = sliderOf("slider", { low, high, step: (high - low) / 200 }, (value) => act("number", { index, value }), () => act("settle"));
    slider.name.textContent = name;
    slider.name.title = name;
    return slider;
  });
  nodes.sliders.replaceChildren(...nodes.inputs.map(({ row }) => row));
}

export function labelElements(nodes, picture) {
  const { model, inks } = picture;
  const { texts } = model;
  labelButtons(nodes, texts);
  nodes.toolbar.setAttribute("aria-label", texts["picture title"]);
  nodes.stage.setAttribute("aria-label", model.summary || texts["picture title"]);
  nodes.help.textContent = texts["how to use"];
  nodes.input.words.textContent = texts.input;
  nodes.units.words.textContent = texts.units;
  setOptions(nodes.units.select, [["", texts["both units"]], ...[0, 1].map((unit) => [String(unit), fillIn(texts.unit, { unit })])], picture.chosen.gates?.units ?? "");
  for (const gate of ["R", "Z"]) {
    const { name, learned, input } = nodes.gates[gate];
    name.textContent = gate;
    name.style.color = inks[gate];
    learned.textContent = texts.learned;
    nameButton(learned, fillIn(texts["learn gate"], { gate }));
    input.setAttribute("aria-label", fillIn(texts["gate slider"], { gate }));
    input.style.accentColor = inks[gate];
  }
  nodes.samples.forEach((entry, unit) => {
    entry.firstChild.style.setProperty("--ink", inks.H_tilde);
    entry.lastChild.textContent = fillIn(texts.legend, { name: fillIn(texts.unit, { unit }) });
  });
  nodes.forget.textContent = texts.forget;
  nodes.hint.textContent = texts.hint;
}

// What is chosen, on the controls; a slider under a hand stays as it is.
export function fillControls(nodes, picture) {
  const { chosen, model, held } = picture;
  const { texts } = model;
  const given = chosen.gates;
  for (const gate of ["R", "Z"]) {
    const { input, number, learned, box } = nodes.gates[gate];
    const low = gate.toLowerCase();
    const blend = given ? given[`${low}_blend`] : 0;
    const value = given ? given[low] : 0.5;
    if (Number(input.value) !== value) input.value = value;
    const free = given ? blend === 0 : held[gate].keep.every((share) => share === 1);
    box.dataset.free = String(free);
    number.textContent = given && blend > 0 ? formatValue(value, 2) : free ? "–" : texts.given;
    learned.setAttribute("aria-pressed", String(free));
  }
  nodes.units.select.value = given?.units ?? "";
  nodes.sliders.hidden = chosen.input !== "numbers";
  model.inputs.forEach(({ mean, std }, index) => {
    const { input, number } = nodes.inputs[index];
    const value = (chosen.numbers[index] ?? 0) * std + mean;
    if (Math.abs(Number(input.value) - value) > Number(input.step) / 2) input.value = value;
    number.textContent = formatValue(value, 2);
  });
  nodes.samples.forEach((entry, unit) => (entry.hidden = picture.kept[unit]));
  nodes.forget.hidden = chosen.starts.length === 0;
  nodes.hint.hidden = chosen.starts.length > 0;
}
