// One painting on the page: what is painted, with which brush, and who is told.

import { decodeBlock } from "../shared/block.js";
import { contrast, parseColour, readTheme, readableColour, cssColour, stopColour } from "../shared/colours.js";
import { keepKeys, tellKeys } from "../shared/keys.js";
import { fillIn, showBlank } from "../shared/text.js";
import { BRUSHES, buildElements, buildGrid } from "./elements.js";
import { shareText, shortValue, writeRow } from "./rows.js";

const PAUSE = 120;
const PLACES = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", " ", "Enter"];
const KEYS = { 0: 0, 1: 1, 5: 0.5, l: null, L: null, Delete: null, Backspace: null };

export class Paint {
  constructor(root) {
    this.root = root;
    this.brush = 1;
    this.any = 0.25;
    this.number = 0;
    this.revision = 0;
    this.at = { gate: "R", step: 0 };
    this.stroke = null;
    this.timer = null;
    this.nodes = buildElements(root, (name, value) => this.act(name, value));
    this.wire();
    root.gatescope = { rows: () => this.told(), brush: () => this.brush };
  }

  destroy() {
    clearTimeout(this.timer);
  }

  update(component) {
    this.component = component;
    if (component.data !== this.bytes) {
      this.bytes = component.data;
      this.adopt(decodeBlock(component.data).header);
    }
    this.theme = readTheme(this.root);
    this.draw();
  }

  // What the server says holds, unless the person has painted since what it answers.
  adopt(model) {
    const before = this.model;
    this.model = model;
    this.revision += 1;
    const same = before && before.key === model.key && before.labels.length === model.labels.length;
    if (!same || (model.answers >= this.number && !this.stroke && this.timer === null)) {
      this.values = Object.fromEntries(model.rows.map(({ gate, values }) => [gate, [...values]]));
    }
    this.number = Math.max(this.number, model.answers);
    const fixed = JSON.stringify([model.labels, model.marked, model.texts, !model.strip]);
    if (fixed !== this.fixed) {
      this.fixed = fixed;
      this.at.step = Math.min(this.at.step, model.labels.length - 1);
      buildGrid(this.nodes, model, (name, value) => this.act(name, value));
    }
  }

  act(name, value) {
    if (name === "row") {
      const whole = this.values[value].every((painted) => painted === this.brush) ? null : this.brush;
      this.values[value] = this.values[value].map(() => whole);
      this.drawRow(value);
      this.tell();
      return;
    }
    if (name === "any") this.any = value;
    this.brush = value;
    this.drawPalette();
  }

  paint(gate, step, value) {
    if (this.values[gate][step] === value) return;
    this.values[gate][step] = value;
    this.drawCell(gate, step);
    this.changed = true;
  }

  told() {
    return { R: writeRow(this.values.R), Z: writeRow(this.values.Z) };
  }

  // Once per pause, and never in the middle of a stroke.
  tell() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = null;
      this.number += 1;
      this.component.setStateValue("painting", { ...this.told(), number: this.number });
    }, PAUSE);
  }

  focus(gate, step) {
    const { cells } = this.nodes;
    cells[this.at.gate][this.at.step].tabIndex = -1;
    this.at = { gate, step };
    cells[gate][step].tabIndex = 0;
    cells[gate][step].focus();
  }

  wire() {
    const { grid } = this.nodes;
    tellKeys(grid, [...PLACES, ...Object.keys(KEYS)]);
    const under = (event) => {
      const node = this.root.getRootNode().elementFromPoint(event.clientX, event.clientY)?.closest(".cell");
      return node ? { gate: node.dataset.gate, step: Number(node.dataset.step) } : null;
    };
    grid.onpointerdown = (event) => {
      const place = event.button === 0 && under(event);
      if (!place) return;
      event.preventDefault();
      grid.setPointerCapture(event.pointerId);
      // A touch on what has the colour already takes it away.
      const value = this.values[place.gate][place.step] === this.brush ? null : this.brush;
      this.stroke = { value, gate: place.gate, from: place.step };
      this.focus(place.gate, place.step);
      this.paint(place.gate, place.step, value);
    };
    grid.onpointermove = (event) => {
      const place = this.stroke && under(event);
      if (!place) return;
      const { value, gate, from } = this.stroke;
      // A fast hand skips cells: all between are meant.
      const last = place.gate === gate ? from : place.step;
      const [first, end] = [Math.min(last, place.step), Math.max(last, place.step)];
      for (let step = first; step <= end; step += 1) this.paint(place.gate, step, value);
      this.stroke.gate = place.gate;
      this.stroke.from = place.step;
    };
    const done = () => {
      if (!this.stroke) return;
      this.stroke = null;
      if (this.changed) this.tell();
      this.changed = false;
    };
    grid.onpointerup = done;
    grid.onpointercancel = done;
    grid.onlostpointercapture = done;
    this.root.onkeydown = (event) => {
      keepKeys(event);
      if (event.ctrlKey || event.metaKey || event.altKey || !event.target.closest(".cell")) return;
      if (!this.key(event)) return;
      event.preventDefault();
      event.stopPropagation();
      if (this.changed) this.tell();
      this.changed = false;
    };
  }

  // True where the key was for the cell that has the focus.
  key({ key, shiftKey }) {
    const { gate, step } = this.at;
    const last = this.model.labels.length - 1;
    if (key in KEYS) this.paint(gate, step, KEYS[key]);
    else if (key === " " || key === "Enter") this.paint(gate, step, this.values[gate][step] === this.brush ? null : this.brush);
    else {
      const to = {
        ArrowLeft: [gate, step - 1],
        ArrowRight: [gate, step + 1],
        ArrowUp: ["R", step],
        ArrowDown: ["Z", step],
        Home: [gate, 0],
        End: [gate, last],
      }[key];
      if (!to) return false;
      const next = Math.min(Math.max(to[1], 0), last);
      this.focus(to[0], next);
      if (shiftKey) this.paint(to[0], next, this.brush);
    }
    return true;
  }

  draw() {
    const { nodes, model } = this;
    const { texts } = model;
    nodes.grid.setAttribute("aria-label", model.summary || texts.title);
    nodes.help.textContent = texts["how to use"];
    for (const { gate, colour } of model.rows) {
      nodes.heads[gate].style.color = cssColour(readableColour(parseColour(colour), this.theme));
      this.drawRow(gate);
    }
    this.drawPalette();
    this.drawStrip();
    Object.assign(this.root.dataset, { revision: this.revision, theme: this.theme.name, number: this.number });
  }

  drawPalette() {
    const { nodes, brush, any, theme } = this;
    const { texts } = this.model;
    nodes.word.textContent = texts.brush;
    nodes.palette.setAttribute("aria-label", texts.brush);
    const buttons = [...nodes.brushes.map((button, at) => [button, BRUSHES[at]]), [nodes.any, any]];
    let chosen = buttons.findIndex(([, value]) => value === brush);
    buttons.forEach(([button, value], at) => {
      button.textContent = value === null ? texts.learned : shortValue(value);
      button.setAttribute("aria-checked", String(at === chosen));
      if (value !== null) this.fill(button, value);
      button.style.setProperty("--ring", theme.text);
    });
    nodes.any.setAttribute("aria-label", fillIn(texts["any value"], { value: any }));
    nodes.slider.setAttribute("aria-label", texts.any);
  }

  fill(node, value) {
    const colour = stopColour(this.model.colours[this.theme.name], value);
    const rgb = parseColour(colour);
    node.style.background = colour;
    node.style.color = contrast(rgb, [255, 255, 255]) > contrast(rgb, [0, 0, 0]) ? "#ffffff" : "#000000";
  }

  drawRow(gate) {
    this.values[gate].forEach((_, step) => this.drawCell(gate, step));
  }

  drawCell(gate, step) {
    const { model, nodes } = this;
    const cell = nodes.cells[gate][step];
    const painted = this.values[gate][step];
    const mean = model.rows.find((row) => row.gate === gate).means[step];
    const value = painted ?? mean;
    cell.classList.toggle("learned", painted === null);
    cell.textContent = shortValue(value);
    cell.tabIndex = gate === this.at.gate && step === this.at.step ? 0 : -1;
    const words = { gate, step, label: showBlank(model.labels[step]), value: shortValue(value) };
    cell.setAttribute("aria-label", fillIn(model.texts[painted === null ? "cell learned" : "cell"], words));
    if (painted === null) Object.assign(cell.style, { background: "", color: "" });
    else this.fill(cell, painted);
  }

  drawStrip() {
    const { nodes, model, theme } = this;
    const { strip, texts, labels, inks } = model;
    nodes.strip.hidden = !strip;
    nodes.hint.hidden = !strip;
    if (!strip) return;
    nodes.strip.setAttribute("aria-label", texts.influence);
    nodes.hint.textContent = texts["influence hint"];
    nodes.startHead.style.color = cssColour(readableColour(parseColour(inks.start), theme));
    [strip.start, ...strip.inputs].forEach((share, at) => {
      const node = nodes.shares[at];
      const [bar, amount] = node.children;
      const text = shareText(share);
      bar.style.height = share === 0 ? "0" : `calc((100% - 20px) * ${Math.max(share, 0.04)})`;
      bar.style.background = cssColour(parseColour(at === 0 ? inks.start : inks.input));
      amount.textContent = text;
      amount.style.color = share === 0 ? theme.muted : theme.text;
      const words = { step: at - 1, label: at ? showBlank(labels[at - 1]) : "", share: text };
      const name = fillIn(texts[at === 0 ? "influence of start" : "influence of input"], words);
      node.setAttribute("aria-label", name);
      node.title = name;
    });
  }
}
