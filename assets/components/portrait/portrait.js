// One portrait on the page: what is chosen, what follows from it, and when to draw.

import { cssColour, mixColours, parseColour, readableColour, readTheme } from "../shared/colours.js";
import { setOptions } from "../shared/dom.js";
import { Player } from "../shared/player.js";
import { showPlaying } from "../shared/playing.js";
import { Reports } from "../shared/reports.js";
import { savePng, saveSvg } from "../shared/sheet.js";
import { CanvasSurface } from "../shared/surface.js";
import { fillIn, showBlank, together } from "../shared/text.js";
import { fieldOf } from "./field.js";
import { buildElements, buildSliders, fillControls, labelElements } from "./elements.js";
import { wirePointer, wireSquareKeys } from "./interaction.js";
import { decodePortrait, driveOf, gatesOf } from "./payload.js";
import { expose, hookOf } from "./hook.js";
import { computeLayout, drawCross, drawDropped, drawField, drawNow, drawPoints, drawSequence } from "./picture.js";
import { Plane, follow } from "./plane.js";
import { showPlace } from "./place.js";
import { fillPoints, gatesText, portraitSentence, stepLabel } from "./words.js";

const WAY = 160;
const WIDE = 700;

// What people had, by key: a picture that Streamlit takes down and puts up again goes on where it was.
const MEMORY = new Map();

export class Portrait {
  constructor(root) {
    this.root = root;
    this.frame = null;
    this.revision = 0;
    this.hover = null;
    this.cross = null;
    this.age = WAY;
    this.nodes = buildElements(root, (name, value) => this.act(name, value));
    this.player = new Player((steps) => this.playOn(steps), () => this.playingChanged());
    this.falling = new Player((steps) => this.fall(steps), () => {});
    this.falling.speed = 14;
    this.player.speed = 3;
    this.reports = new Reports(() => this.told());
    wirePointer(this);
    wireSquareKeys(this);
    this.resized = new ResizeObserver(() => this.relayout());
    this.resized.observe(this.nodes.board);
    this.onHidden = () => document.hidden && this.player.stop();
    document.addEventListener("visibilitychange", this.onHidden);
    root.gatescope = hookOf(this);
  }

  destroy() {
    if (this.model) MEMORY.set(this.model.key, { chosen: this.chosen, serial: this.serial, known: this.reports.known });
    this.player.stop();
    this.falling.stop();
    this.reports.stop();
    this.resized.disconnect();
    cancelAnimationFrame(this.frame);
    document.removeEventListener("visibilitychange", this.onHidden);
  }

  update(component) {
    this.reports.component = component;
    if (component.data !== this.bytes) {
      this.bytes = component.data;
      this.adopt(decodePortrait(component.data));
      this.revision += 1;
    }
    this.theme = readTheme(this.root);
    this.colour();
    buildSliders(this.nodes, this.model.inputs, (name, value) => this.act(name, value));
    labelElements(this.nodes, this);
    setOptions(this.nodes.input.select, this.inputEntries(), this.chosen.input);
    this.labelPlay();
    this.compute();
    this.relayout();
  }

  // Takes over what the server says, unless the person has done something since.
  adopt(model) {
    const before = this.model;
    const { command } = model;
    const memory = before ? null : MEMORY.get(model.key);
    this.model = model;
    if (memory && memory.serial === command.serial) {
      this.chosen = { ...memory.chosen };
      this.reports.knows(memory.known);
    } else if (!before) {
      this.chosen = { ...command.set };
      this.reports.knows(command.set);
    } else if (command.serial !== this.serial) {
      const fields = command.serial === this.serial + 1 ? command.changed : Object.keys(command.set);
      for (const field of fields) this.chosen[field] = command.set[field];
      this.reports.doubts(fields);
    }
    this.serial = command.serial;
    const { first, steps, symbols, inputs } = model;
    this.chosen.step = Math.min(Math.max(this.chosen.step, first), first + steps - 1);
    const symbol = this.chosen.input.startsWith("symbol.") ? Number(this.chosen.input.slice(7)) : 0;
    if (symbol >= Math.max(symbols.length, 1) || (this.chosen.input === "numbers" && !inputs.length)) this.chosen.input = "step";
  }

  colour() {
    const { theme, model } = this;
    const ink = (name) => readableColour(parseColour(model.symbolColours[name]), theme);
    this.inks = Object.fromEntries(Object.keys(model.symbolColours).map((name) => [name, cssColour(ink(name))]));
    this.inks.faintH = cssColour(mixColours(ink("H"), theme.paperRgb, 0.55));
  }

  inputEntries() {
    const { texts, symbols, inputs } = this.model;
    const entries = [["step", texts["input step"]], ["zero", texts["input zero"]]];
    symbols.forEach((label, index) => entries.push([`symbol.${index}`, fillIn(texts["input symbol"], { label: showBlank(label) })]));
    if (inputs.length) entries.push(["numbers", texts["input numbers"]]);
    return entries;
  }

  get t() {
    return this.chosen.step - this.model.first;
  }

  // The place of the chosen step in the order of reading.
  get position() {
    return this.placed(this.t);
  }

  placed(t) {
    return this.model.reverse ? this.model.steps - 1 - t : t;
  }

  get drive() {
    const { chosen, model, t } = this;
    if (chosen.input === "step") return model.driveAt(t);
    const sum = [...model.bias];
    const add = (numbers, times) => numbers.forEach((number, at) => (sum[at] += times * number));
    if (chosen.input.startsWith("symbol.")) add(model.symbolDrives[Number(chosen.input.slice(7))], 1);
    if (chosen.input === "numbers") model.inputs.forEach(({ drive }, index) => add(drive, chosen.numbers[index] ?? 0));
    return driveOf(sum);
  }

  heldAt(t) {
    return this.chosen.gates ? gatesOf(this.chosen.gates) : this.model.heldAt(t);
  }

  // Everything that follows from what is chosen.
  compute() {
    this.held = this.heldAt(this.t);
    this.plane = new Plane(this.model.weights, this.drive, this.held);
    Object.assign(this, fieldOf(this.plane));
    this.ways = this.chosen.starts.map((start) => this.plane.run(start, WAY));
    this.followSequence();
  }

  // The sequence's own way: again only where the gates are held otherwise than before.
  followSequence() {
    const { model } = this;
    const made = JSON.stringify([this.revision, this.chosen.gates]);
    if (made === this.ownMade) return;
    this.ownMade = made;
    const steps = Array.from({ length: model.steps }, (_, at) => {
      const t = this.placed(at);
      return { drive: model.driveAt(t), gates: this.heldAt(t) };
    });
    this.own = follow(model.weights, steps, model.start);
  }

  relayout() {
    const { nodes, model } = this;
    const width = nodes.board.clientWidth;
    if (!model || width < 40) return;
    const wide = width >= WIDE;
    this.root.dataset.wide = String(wide);
    const sentence = parseFloat(getComputedStyle(nodes.sentence).minHeight) + 6;
    this.layout = computeLayout(wide ? width - 330 : width, wide ? model.height - sentence : width + 24, wide);
    nodes.left.style.width = `${this.layout.width}px`;
    nodes.stage.style.height = `${this.layout.height}px`;
    this.draw();
  }

  draw() {
    const { nodes, layout, theme } = this;
    const base = new CanvasSurface(nodes.base, theme.font);
    base.begin(layout.width, layout.height, globalThis.devicePixelRatio || 1);
    drawField(base, this);
    this.drawMarks();
    fillControls(nodes, this);
    fillPoints(nodes.points, this);
    const note = gatesText(this);
    if (nodes.note.textContent !== note) nodes.note.textContent = note;
    expose(this);
  }

  drawMarks() {
    const { nodes, layout, theme, model, chosen } = this;
    const over = new CanvasSurface(nodes.over, theme.font);
    over.begin(layout.width, layout.height, globalThis.devicePixelRatio || 1);
    this.drawMoving(over);
    if (this.cross && nodes.stage.matches(":focus")) drawCross(over, this);
    const label = stepLabel(model, this.t);
    const where = fillIn(model.texts[label ? "where labelled" : "where"], { step: chosen.step, last: model.total - 1, label });
    if (nodes.where.textContent !== where) nodes.where.textContent = where;
    const sentence = portraitSentence(this);
    if (nodes.sentence.textContent !== sentence) nodes.sentence.textContent = sentence;
    showPlace(this);
  }

  drawMoving(surface) {
    drawSequence(surface, this);
    drawDropped(surface, this);
    drawPoints(surface, this);
    drawNow(surface, this);
  }

  // Draws at the next frame; `all` computes and draws the field too, not only what moves over it.
  soon(all = false) {
    this.stale = this.stale || all;
    if (this.frame !== null || !this.layout) return;
    this.root.dataset.waiting = "true";
    this.frame = requestAnimationFrame(() => {
      this.frame = null;
      const whole = this.stale;
      this.stale = false;
      if (whole) {
        this.compute();
        this.draw();
      } else {
        this.drawMarks();
        expose(this);
      }
    });
  }

  setHover(hover) {
    if (!hover && !this.hover) return;
    this.hover = hover;
    this.soon();
  }

  // A state is let go at a place; gives its number.
  drop(state) {
    const starts = [...this.chosen.starts, state.map(rounded)].slice(-this.model.most);
    this.chosen = { ...this.chosen, starts };
    this.beginFall();
    return starts.length - 1;
  }

  moveStart(index, state) {
    if (index >= this.chosen.starts.length) return;
    const starts = this.chosen.starts.map((start, at) => (at === index ? state.map(rounded) : start));
    this.chosen = { ...this.chosen, starts };
    this.falling.stop();
    this.age = WAY;
    this.letGo();
  }

  beginFall() {
    const still = globalThis.matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.age = still ? WAY : 0;
    if (!still) this.falling.start();
    this.letGo();
  }

  letGo() {
    this.ways = this.chosen.starts.map((start) => this.plane.run(start, WAY));
    fillControls(this.nodes, this);
    this.soon();
  }

  fall(steps) {
    this.age += steps;
    this.soon();
    return this.age < WAY;
  }

  goTo(step) {
    const { first, steps } = this.model;
    const next = Math.min(Math.max(step, first), first + steps - 1);
    if (next === this.chosen.step) return false;
    this.chosen = { ...this.chosen, step: next };
    this.soon(true);
    return true;
  }

  move(by) {
    return this.goTo(this.chosen.step + (this.model.reverse ? -by : by));
  }

  playOn(steps) {
    return this.move(steps);
  }

  // The sliders of a gate, from where the gates stand.
  hold(changes) {
    const from = this.chosen.gates ?? { z: 0.5, z_blend: 0, r: 0.5, r_blend: 0, units: "" };
    this.chosen = { ...this.chosen, gates: { ...from, ...changes } };
    this.age = WAY;
    this.falling.stop();
    this.soon(true);
  }

  act(name, value) {
    if (!this.layout) return;
    if (["first", "back", "forward", "last"].includes(name)) this.player.stop();
    const actions = {
      first: () => this.goTo(this.model.reverse ? Infinity : 0),
      last: () => this.goTo(this.model.reverse ? 0 : Infinity),
      back: () => this.move(-1),
      forward: () => this.move(1),
      play: () => this.togglePlay(),
      input: () => this.choose({ input: value }),
      number: () => this.number(value),
      gate: () => this.hold({ [value.gate.toLowerCase()]: value.value, [`${value.gate.toLowerCase()}_blend`]: 1 }),
      learned: () => this.hold({ [`${value.toLowerCase()}_blend`]: 0 }),
      units: () => this.hold({ units: value }),
      settle: () => {},
      drop: () => this.drop(this.cross ?? [0, 0]),
      forget: () => this.choose({ starts: [] }),
      "forget last": () => this.choose({ starts: this.chosen.starts.slice(0, -1) }),
      "forget at": () => this.choose({ starts: this.chosen.starts.filter((_, at) => at !== value) }),
      "save png": () => savePng(this.sheet()),
      "save svg": () => saveSvg(this.sheet()),
    };
    actions[name]();
    if (name === "play" || name.startsWith("save")) return;
    // A slider under a hand tells nothing until it is let go; that of the keyboard comes after a while.
    this.report(name === "gate" || name === "number" ? 600 : 150);
  }

  choose(changes) {
    this.chosen = { ...this.chosen, ...changes };
    if (changes.input) this.startNumbers();
    this.age = WAY;
    this.soon(true);
  }

  // The sliders of the inputs begin at what the step reads.
  startNumbers() {
    const { chosen, model } = this;
    if (chosen.input !== "numbers" || chosen.numbers.length === model.inputs.length) return;
    this.chosen.numbers = model.inputs.map(() => 0);
  }

  number({ index, value }) {
    const { mean, std } = this.model.inputs[index];
    const numbers = this.model.inputs.map((_, at) => this.chosen.numbers[at] ?? 0);
    numbers[index] = rounded((value - mean) / std);
    this.chosen = { ...this.chosen, numbers };
    this.age = WAY;
    this.soon(true);
  }

  told() {
    const { step, input, numbers, gates, starts } = this.chosen;
    return { step, input, numbers, gates, starts };
  }

  report(delay) {
    if (!this.player.playing) this.reports.schedule(delay);
  }

  togglePlay() {
    if (this.player.playing) return this.player.stop();
    const { model } = this;
    if (this.position >= model.steps - 1) this.act("first");
    return this.player.start();
  }

  playingChanged() {
    this.labelPlay();
    if (!this.player.playing) this.report(40);
  }

  labelPlay() {
    showPlaying(this);
  }

  sheet() {
    const { layout, theme, model } = this;
    const draw = (surface) => {
      drawField(surface, this);
      this.drawMoving(surface);
    };
    const summary = together([model.summary, this.nodes.sentence.textContent]);
    const scale = globalThis.devicePixelRatio || 1;
    return { width: layout.width, height: layout.height, theme, scale, title: model.texts["picture title"], summary, filename: model.filename, draw };
  }
}

function rounded(value) {
  return Math.round(value * 1000) / 1000;
}
