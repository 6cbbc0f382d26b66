// One picture in which units are found: what is brushed, where the threshold is, which units follow from it.

import { decodeBlock } from "../shared/block.js";
import { cssColour, parseColour, readTheme, readableColour } from "../shared/colours.js";
import { make, nameButton } from "../shared/dom.js";
import { keepKeys, tellKeys } from "../shared/keys.js";
import { CanvasSurface } from "../shared/surface.js";
import { fillIn, showBlank } from "../shared/text.js";
import { buildElements, fillOptions } from "./elements.js";
import { drawPlaces } from "./places.js";
import { drawBase, drawOver, edgeX, layoutOf, plotY, stepAt, valueAt } from "./plot.js";
import { drawReading } from "./reading.js";
import { chosenUnits, codeOf, unitsOn } from "./units.js";

const PAUSE = 160;
const FINE = 0.02;
const KEYS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End"];

export class Find {
  constructor(root) {
    this.root = root;
    this.number = 0;
    this.revision = 0;
    this.timer = null;
    this.grip = null;
    this.lit = null;
    this.from = 0;
    this.nodes = buildElements(root);
    this.wire();
    this.watcher = new ResizeObserver(() => this.model && this.draw());
    this.watcher.observe(this.nodes.plot);
    root.gatescope = { choice: () => ({ ...this.choice }), on: () => [...this.on], chosen: () => [...this.chosen], view: () => ({ ...this.layout }) };
  }

  destroy() {
    clearTimeout(this.timer);
    this.watcher.disconnect();
  }

  update(component) {
    this.component = component;
    if (component.data !== this.bytes) {
      this.bytes = component.data;
      const { header, resolve } = decodeBlock(component.data);
      this.adopt({ ...header, codes: resolve(header.codes) });
    }
    this.theme = readTheme(this.root);
    this.draw();
  }

  // What the server says holds, unless the person has gone on since what it answers.
  adopt(model) {
    const other = !this.model || this.model.subject !== model.subject;
    this.model = model;
    this.revision += 1;
    if (other || (model.answers >= this.number && !this.grip && this.timer === null)) {
      this.choice = { ...model.choice };
      this.wantsView = true;
    }
    this.number = Math.max(this.number, model.answers);
    this.stale = false;
  }

  get rule() {
    const { low, high, top, side, edges } = this.model;
    return { code: codeOf(this.choice.threshold, low, high, top), side, edges };
  }

  follow() {
    const { codes, units, shown, offset } = this.model;
    const { start, stop, add, drop } = this.choice;
    this.on = unitsOn({ codes, units, steps: shown }, this.rule, start - offset, stop - offset);
    this.chosen = chosenUnits(this.on, add, drop);
  }

  // The steps in view go along with the stretch, where it has left them; `centre` puts it into the middle.
  bringIntoView(centre) {
    const { start, stop } = this.choice;
    const { from, count } = this.layout;
    if (start >= from && stop <= from + count) return;
    let to = start < from ? start : stop - count;
    if (centre || stop - start > count) to = Math.round((start + stop - count) / 2);
    this.lookFrom(to);
  }

  lookFrom(from) {
    const before = this.layout.from;
    this.layout = layoutOf(this.layout.width, this.layout.height, this.model, from);
    this.from = this.layout.from;
    if (this.from !== before) this.drawSteps();
  }

  change(changes) {
    this.choice = { ...this.choice, ...changes };
    this.stale = true;
    this.drawChoice();
  }

  // Once per pause, and never while something is held.
  tell() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = null;
      this.number += 1;
      this.component.setStateValue("choice", { ...this.choice, number: this.number });
    }, PAUSE);
  }

  act(name, value) {
    if (name === "open") this.component.setTriggerValue("open", { rank: value, number: this.number });
  }

  wire() {
    const { nodes } = this;
    nodes.plot.onpointerdown = (event) => this.take(event);
    nodes.plot.onpointermove = (event) => this.drag(event);
    for (const over of ["onpointerup", "onpointercancel", "onlostpointercapture"]) nodes.plot[over] = () => this.leave();
    for (const node of [nodes.from, nodes.to, nodes.level]) {
      node.onkeydown = (event) => this.key(event, node);
    }
    tellKeys(nodes.plot, KEYS);
    this.root.onkeydown = keepKeys;
    nodes.add.list.onchange = () => {
      const unit = Number(nodes.add.list.value);
      if (nodes.add.list.value !== "") this.put(unit, true);
    };
    nodes.scroll.oninput = () => {
      this.lookFrom(Number(nodes.scroll.value));
      this.drawChoice();
    };
    nodes.need.list.onchange = () => {
      this.change({ need: Number(nodes.need.list.value) });
      this.tell();
    };
  }

  // Looks for a unit, or no longer; a unit that is on is taken out, one that is not is put in.
  put(unit, wanted) {
    const { add, drop } = this.choice;
    const is = this.on.includes(unit);
    this.change({
      add: wanted && !is ? [...new Set([...add, unit])] : add.filter((other) => other !== unit),
      drop: !wanted && is ? [...new Set([...drop, unit])] : drop.filter((other) => other !== unit),
    });
    this.tell();
  }

  place(event) {
    const box = this.nodes.plot.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  take(event) {
    if (event.button !== 0) return;
    const held = event.target.closest(".handle");
    const { x } = this.place(event);
    const at = stepAt(this.layout, x);
    if (held === this.nodes.level) this.grip = { what: "level" };
    else if (held) this.grip = { what: "edge", fixed: held === this.nodes.from ? this.choice.stop - 1 : this.choice.start };
    else this.grip = { what: "edge", fixed: at, fresh: true };
    (held ?? this.nodes.from).focus({ preventScroll: true });
    event.preventDefault();
    this.nodes.plot.setPointerCapture(event.pointerId);
    if (!held) this.stretch(at, at);
  }

  drag(event) {
    if (!this.grip) return;
    const { x, y } = this.place(event);
    const { left, room, from } = this.layout;
    // Who draws beyond an end takes the steps along.
    if (this.grip.what === "edge" && (x < left || x > left + room)) this.lookFrom(from + (x < left ? -2 : 2));
    if (this.grip.what === "level") this.change({ threshold: this.rounded(valueAt(this.layout, this.model, y)) });
    else this.stretch(this.grip.fixed, stepAt(this.layout, x));
    this.grip.moved = true;
  }

  leave() {
    if (!this.grip) return;
    const told = this.grip.moved || this.grip.fresh;
    this.grip = null;
    if (told) this.tell();
  }

  // A new stretch from one step to another, both included; what was changed by hand belonged to the old one.
  stretch(one, other) {
    const [start, stop] = [Math.min(one, other), Math.max(one, other) + 1];
    if (start !== this.choice.start || stop !== this.choice.stop) this.change({ start, stop, add: [], drop: [] });
  }

  rounded(value) {
    return Math.round(value / FINE) * FINE;
  }

  key(event, node) {
    keepKeys(event);
    if (event.ctrlKey || event.metaKey || event.altKey || !KEYS.includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    const { offset, shown, low, high } = this.model;
    const far = event.key.startsWith("Page");
    const up = ["ArrowRight", "ArrowUp", "PageUp"].includes(event.key);
    const sign = up ? 1 : -1;
    const end = { Home: -Infinity, End: Infinity }[event.key];
    if (node === this.nodes.level) {
      const wanted = end ?? this.choice.threshold + sign * FINE * (far ? 5 : 1);
      this.change({ threshold: this.rounded(Math.min(Math.max(wanted, low), high)) });
      this.tell();
      return;
    }
    const { start, stop } = this.choice;
    const own = node === this.nodes.from ? start : stop - 1;
    const most = offset + shown - 1;
    const moved = Math.min(Math.max(end ?? own + sign * (far ? 10 : 1), offset), most);
    if (event.shiftKey) {
      // The whole stretch goes along, as far as there are steps.
      const by = Math.min(Math.max(moved - own, offset - start), most + 1 - stop);
      this.stretch(start + by, stop - 1 + by);
    } else if (node === this.nodes.from) this.stretch(Math.min(moved, stop - 1), stop - 1);
    else this.stretch(start, Math.max(moved, start));
    this.bringIntoView(false);
    this.drawChoice();
    this.tell();
  }

  draw() {
    const { nodes, theme, model } = this;
    const box = nodes.plot.getBoundingClientRect();
    if (box.width === 0) return;
    this.layout = layoutOf(box.width, box.height, model, this.from);
    model.ink = cssColour(readableColour(parseColour(model.colour), theme));
    const scale = window.devicePixelRatio || 1;
    this.surfaces ??= { base: new CanvasSurface(nodes.base, theme.font), over: new CanvasSurface(nodes.over, theme.font) };
    this.scale = scale;
    if (this.wantsView) this.bringIntoView(true);
    this.wantsView = false;
    this.drawSteps();
    this.drawWords();
    drawPlaces(nodes, model.places, model, (name, value) => this.act(name, value));
    this.drawChoice();
  }

  // Everything in view that does not follow from the choice.
  drawSteps() {
    const { surfaces, layout, model, theme, nodes } = this;
    surfaces.base.begin(layout.width, layout.height, this.scale);
    drawBase(surfaces.base, layout, model, theme);
    const { scroll } = nodes;
    nodes.moving.hidden = layout.count >= model.shown;
    Object.assign(scroll, { min: model.offset, max: model.offset + model.shown - layout.count, step: 1 });
    scroll.value = layout.from;
    const words = { first: layout.from, last: layout.from + layout.count - 1, steps: model.steps };
    nodes.inView.textContent = fillIn(model.texts["in view"], words);
    scroll.setAttribute("aria-valuetext", nodes.inView.textContent);
  }

  drawWords() {
    const { nodes, model } = this;
    const { texts } = model;
    nodes.help.textContent = texts["how to use"];
    nodes.from.setAttribute("aria-label", texts.from);
    nodes.to.setAttribute("aria-label", texts.to);
    nodes.level.setAttribute("aria-label", texts.threshold);
    nodes.plot.setAttribute("aria-label", model.summary || texts.title);
    nodes.scroll.setAttribute("aria-label", texts.view);
    nodes.unitsWord.textContent = texts.units;
    nodes.chips.setAttribute("aria-label", texts.units);
    nodes.add.list.setAttribute("aria-label", texts.add);
    nodes.need.words.textContent = texts.need;
    nodes.places.setAttribute("aria-label", model.places.heading || texts.places);
  }

  // All that follows from the choice: lit lines, band, handles, words, chips. Answers a drag, so it is quick.
  drawChoice() {
    this.follow();
    const { nodes, model, theme, layout, choice } = this;
    this.drawLines();
    const foot = layout.height - layout.bottom;
    for (const [node, step] of [[nodes.from, choice.start], [nodes.to, choice.stop]]) {
      node.style.left = `${edgeX(layout, step)}px`;
      node.style.top = `${layout.top}px`;
      node.style.height = `${foot - layout.top}px`;
    }
    nodes.level.style.left = `${layout.width - layout.right}px`;
    nodes.level.style.top = `${plotY(layout, model, choice.threshold)}px`;
    this.tellSlider(nodes.from, model.offset, choice.stop - 1, choice.start);
    this.tellSlider(nodes.to, choice.start, model.offset + model.shown - 1, choice.stop - 1);
    const level = choice.threshold.toFixed(2).replace("-", "−");
    Object.assign(nodes.level.dataset, { value: choice.threshold.toFixed(2) });
    nodes.level.setAttribute("aria-valuemin", model.low);
    nodes.level.setAttribute("aria-valuemax", model.high);
    nodes.level.setAttribute("aria-valuenow", choice.threshold.toFixed(2));
    nodes.level.setAttribute("aria-valuetext", fillIn(model.texts[`level ${model.side}`], { name: model.label, value: level }));
    drawReading(nodes.reading, model, choice);
    this.drawSentence(level);
    this.drawUnits();
    nodes.places.classList.toggle("stale", Boolean(this.stale));
    Object.assign(this.root.dataset, {
      revision: this.revision,
      theme: theme.name,
      number: this.number,
      stale: String(Boolean(this.stale)),
    });
  }

  drawLines() {
    const { surfaces, layout, model, theme, choice } = this;
    surfaces.over.begin(layout.width, layout.height, this.scale);
    drawOver(surfaces.over, layout, model, theme, choice, this.chosen, this.lit);
  }

  tellSlider(node, least, most, value) {
    const label = this.model.labels[value - this.model.offset];
    node.setAttribute("aria-valuemin", least);
    node.setAttribute("aria-valuemax", most);
    node.setAttribute("aria-valuenow", value);
    node.setAttribute("aria-valuetext", label ? `${value} ${showBlank(label)}` : String(value));
  }

  drawSentence(level) {
    const { nodes, model, choice } = this;
    const words = { count: this.on.length, units: model.units, first: choice.start, last: choice.stop - 1, level, name: model.label };
    const key = `on ${model.side}${choice.stop - choice.start === 1 ? " once" : ""}`;
    nodes.sentence.textContent = fillIn(model.texts[key], words);
  }

  drawUnits() {
    const { nodes, model, choice, chosen } = this;
    const { texts } = model;
    const listed = [...new Set([...this.on, ...choice.add])].sort((one, other) => one - other);
    const held = nodes.chips.getRootNode().activeElement?.dataset?.unit;
    nodes.chips.replaceChildren(...listed.map((unit) => this.chip(unit, chosen.includes(unit))));
    if (listed.length === 0) nodes.chips.append(make("span", "nothing", texts.nothing));
    if (held !== undefined) nodes.chips.querySelector(`[data-unit="${held}"]`)?.focus();
    const others = Array.from({ length: model.units }, (_, unit) => unit).filter((unit) => !listed.includes(unit));
    fillOptions(nodes.add.list, [["", texts.add], ...others.map((unit) => [unit, String(unit)])], "");
    const need = choice.need > 0 && choice.need < chosen.length ? choice.need : 0;
    const less = Array.from({ length: Math.max(chosen.length - 1, 0) }, (_, at) => chosen.length - 1 - at);
    const all = [0, fillIn(texts["need all"], { count: chosen.length })];
    fillOptions(nodes.need.list, [all, ...less.map((count) => [count, String(count)])], need);
    nodes.need.label.hidden = chosen.length < 2;
  }

  chip(unit, wanted) {
    const { texts } = this.model;
    const chip = make("button", "chip", String(unit));
    chip.type = "button";
    chip.dataset.unit = String(unit);
    chip.setAttribute("aria-pressed", String(wanted));
    nameButton(chip, fillIn(texts[wanted ? "drop unit" : "take unit"], { unit }));
    chip.style.setProperty("--ink", this.model.ink);
    chip.onclick = () => this.put(unit, !wanted);
    const light = (lit) => () => {
      this.lit = lit;
      this.drawLines();
    };
    chip.onpointerenter = light(unit);
    chip.onpointerleave = light(null);
    return chip;
  }
}
