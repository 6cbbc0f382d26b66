// One gate square on the page: what it shows, what is chosen and held in it, and when to draw.

import { cssColour, parseColour, readableColour, readTheme } from "../shared/colours.js";
import { showTooltip } from "../shared/dom.js";
import { PlayedPicture } from "../shared/played.js";
import { savePng, saveSvg } from "../shared/sheet.js";
import { CanvasSurface } from "../shared/surface.js";
import { onStep, tellStep } from "../shared/together.js";
import { columnOf, decodeSquare, pointOf, stepOf } from "./data.js";
import { buildElements, labelElements } from "./elements.js";
import { wirePointer, wireSquareKeys } from "./interaction.js";
import { computeLayout, placeAt, xOf, yOf } from "./layout.js";
import { drawBand, drawCrossHair, drawPoints, drawSquare } from "./picture.js";
import { pointLines, scoreLines, stepSentence } from "./words.js";

// What people had, by key: a picture that Streamlit takes down and puts up again goes on where it was.
const MEMORY = new Map();

// Where the cross-hair waits while it holds nothing.
const REST = [0.5, 0.5];
const NUDGE = 0.05;

export class Square extends PlayedPicture {
  constructor(root) {
    super(root, buildElements(root, (name, value) => this.act(name, value)));
    this.chosen = { cursor: 0, unit: null, selected: [], clamp: null };
    this.dragged = false;
    this.band = null;
    wirePointer(this);
    wireSquareKeys(this);
    this.alone = onStep(this, () => this.layout && this.model.group, (step) => this.player.stop() || this.goTo(step));
    root.gateSquare = this.testHook();
  }

  destroy() {
    const { chosen } = this;
    if (this.model) MEMORY.set(this.model.key, { chosen, serial: this.serial, speed: this.player.speed, known: this.reports.known });
    this.alone();
    super.destroy();
  }

  // New data, or the same under another theme.
  update(component) {
    this.reports.component = component;
    if (component.data !== this.bytes) {
      this.bytes = component.data;
      this.adopt(decodeSquare(component.data));
      this.revision += 1;
    }
    this.theme = readTheme(this.root);
    labelElements(this.nodes, this.model, this.player.speed);
    this.labelPlay();
    this.relayout();
  }

  // Takes over a new model and keeps what still makes sense of what the person had chosen.
  adopt(model) {
    const before = this.model;
    this.model = model;
    const { command } = model;
    const memory = before ? null : MEMORY.get(model.key);
    if (memory && memory.serial === command.serial) {
      this.chosen = memory.chosen;
      this.player.speed = memory.speed;
      this.reports.knows(memory.known);
      this.serial = command.serial;
    } else {
      this.obey(command, before ? null : {});
    }
    this.chosen.cursor = Math.min(this.chosen.cursor ?? 0, model.steps - 1);
    if (this.chosen.unit !== null && this.chosen.unit >= model.units) this.chosen.unit = null;
    this.chosen.selected = this.chosen.selected.filter((unit) => unit < model.units);
  }

  // What the server is told: a cross-hair under way is where it was.
  choices() {
    return { ...this.chosen, clamp: this.before ? this.before.clamp : this.chosen.clamp };
  }

  // Measures the page and draws everything. Nothing happens while hidden: the observer calls again.
  relayout() {
    const width = this.nodes.stage.clientWidth;
    if (!this.model || width < 40) return;
    const { model, theme } = this;
    const around = this.nodes.toolbar.offsetHeight + parseFloat(getComputedStyle(this.nodes.sentence).minHeight) + 3;
    const height = model.height ? model.height - around : null;
    this.layout = computeLayout({ width, height, hasScores: Boolean(model.scores) });
    this.nodes.stage.style.height = `${this.layout.height}px`;
    const ink = (colour) => cssColour(readableColour(parseColour(colour), theme));
    this.inks = { R: ink(model.inks.R), Z: ink(model.inks.Z) };
    const surface = new CanvasSurface(this.nodes.base, theme.font);
    surface.begin(this.layout.width, this.layout.height, this.scale);
    drawSquare(surface, this.scene);
    this.drawMarks();
  }

  get scene() {
    if (!this.layout) return null;
    const { model, layout, theme, inks, dragged, band, hover } = this;
    const accent = model.accent[theme.name];
    return { ...this.chosen, model, layout, theme, inks, accent, dragged, band, hover, rest: REST };
  }

  drawMarks() {
    const { scene, layout, nodes, theme } = this;
    const surface = new CanvasSurface(nodes.over, theme.font);
    surface.begin(layout.width, layout.height, this.scale);
    drawPoints(surface, scene);
    drawCrossHair(surface, scene);
    if (this.band) drawBand(surface, scene);
    this.paintWords();
    this.expose();
  }

  paintWords() {
    const { nodes, model, chosen, hover } = this;
    const sentence = stepSentence(model, chosen, chosen.clamp, this.dragged);
    if (nodes.sentence.textContent !== sentence) nodes.sentence.textContent = sentence;
    nodes.worded["let go"].button.disabled = chosen.clamp === null && !model.held;
    nodes.worded.clear.button.disabled = chosen.selected.length === 0;
    if (!hover || this.dragged || this.band || (hover.kind === "square" && !model.scores) || hover.kind === "handle") {
      nodes.tooltip.hidden = true;
      return;
    }
    const lines =
      hover.kind === "point"
        ? pointLines(model, hover.unit, chosen.cursor, this.inks, this.others(hover.unit))
        : scoreLines(model, placeAt(this.layout, hover.x, hover.y));
    showTooltip(nodes, lines, hover.x, hover.y);
  }

  setBand(band) {
    if (!band && !this.band) return;
    this.band = band;
    this.soon(false);
  }

  // Middle of the cross-hair, in pixels of the stage.
  handle() {
    const [r, z] = this.chosen.clamp ?? REST;
    return { x: xOf(this.layout, r), y: yOf(this.layout, z) };
  }

  // The unit whose point at this step is nearest to a place of the stage, if one is near; else null.
  unitAt(x, y, reach) {
    const column = columnOf(this.model, this.chosen.cursor);
    let [found, nearest] = [null, reach];
    for (let unit = 0; unit < this.model.units; unit += 1) {
      const { r, z } = pointOf(this.model, unit, column);
      const distance = Math.hypot(xOf(this.layout, r) - x, yOf(this.layout, z) - y);
      if (distance < nearest) [found, nearest] = [unit, distance];
    }
    return found;
  }

  // How many other units stand where this one does, as far as an eye can tell.
  others(unit) {
    const column = columnOf(this.model, this.chosen.cursor);
    const { side } = this.layout.plot;
    const here = pointOf(this.model, unit, column);
    let count = -1;
    for (let other = 0; other < this.model.units; other += 1) {
      const { r, z } = pointOf(this.model, other, column);
      if (Math.hypot(r - here.r, z - here.z) * side < 3) count += 1;
    }
    return count;
  }

  dragTo({ r, z }) {
    const rounded = (share) => Math.round(share * 100) / 100;
    this.before ??= { clamp: this.chosen.clamp };
    this.dragged = true;
    this.chosen.clamp = [rounded(r), rounded(z)];
    this.soon(false);
  }

  letGoOfHandle(moved) {
    if (!moved && this.before) this.chosen.clamp = this.before.clamp;
    this.before = null;
    this.dragged = false;
    if (moved) this.tellClamp(40);
    this.soon(false);
  }

  // The same place again for other units is news too.
  tellClamp(delay) {
    this.reports.doubts(["clamp"]);
    this.reports.schedule(delay);
  }

  nudge([right, up]) {
    this.player.stop();
    const [r, z] = this.chosen.clamp ?? REST;
    const moved = (share, by) => Math.min(Math.max(Math.round((share + by * NUDGE) * 20) / 20, 0), 1);
    this.chosen.clamp = [moved(r, right), moved(z, up)];
    this.tellClamp(450);
    this.soon(false);
  }

  toggle(unit) {
    const { selected } = this.chosen;
    const without = selected.filter((other) => other !== unit);
    this.select(without.length < selected.length ? without : [...selected, unit]);
    this.chosen.unit = this.chosen.selected.includes(unit) ? unit : null;
  }

  chooseBand(adds) {
    const { x0, y0, x1, y1 } = this.band;
    const [low, high] = [placeAt(this.layout, Math.min(x0, x1), Math.max(y0, y1)), placeAt(this.layout, Math.max(x0, x1), Math.min(y0, y1))];
    const column = columnOf(this.model, this.chosen.cursor);
    const found = [];
    for (let unit = 0; unit < this.model.units; unit += 1) {
      const { r, z } = pointOf(this.model, unit, column);
      if (r >= low.r && r <= high.r && z >= low.z && z <= high.z) found.push(unit);
    }
    this.select(adds ? [...new Set([...this.chosen.selected, ...found])] : found);
  }

  select(units) {
    this.chosen.selected = [...units].sort((one, other) => one - other);
    this.soon(false);
    this.reports.schedule(300);
  }

  goTo(step) {
    this.chosen.cursor = Math.min(Math.max(step, 0), stepOf(this.model, this.model.columns - 1));
    this.soon(false);
  }

  setCursor(step, reportAfter = null) {
    this.goTo(step);
    tellStep(this.model.group, this.chosen.cursor, this);
    if (reportAfter !== null) this.reports.schedule(reportAfter);
  }

  moveUnit(by) {
    const { unit } = this.chosen;
    const next = unit === null ? (by > 0 ? 0 : this.model.units - 1) : unit + by;
    this.chosen.unit = Math.min(Math.max(next, 0), this.model.units - 1);
    this.soon(false);
    this.reports.schedule(450);
  }

  letGo() {
    this.chosen.clamp = null;
    this.tellClamp(40);
    this.soon(false);
  }

  act(name, value) {
    if (!this.scene) return;
    const { cursor, unit } = this.chosen;
    const { stride } = this.model;
    const here = columnOf(this.model, cursor) * stride;
    if (["first", "back", "forward", "last"].includes(name)) this.player.stop();
    const actions = {
      first: () => this.setCursor(0, 250),
      back: () => this.setCursor(here - stride, 250),
      forward: () => this.setCursor(here + stride, 250),
      last: () => this.setCursor(this.model.steps - 1, 250),
      play: () => this.togglePlay(),
      speed: () => (this.player.speed = Number(value)),
      "unit before": () => this.moveUnit(-1),
      "unit after": () => this.moveUnit(1),
      toggle: () => unit !== null && this.toggle(unit),
      clear: () => this.select([]),
      "let go": () => this.letGo(),
      "save png": () => savePng(this.sheet()),
      "save svg": () => saveSvg(this.sheet()),
    };
    actions[name]();
  }

  // What is saved: what is seen, with its title.
  sheet() {
    const { scene, model } = this;
    const { width, height } = scene.layout;
    const { texts, summary, filename } = model;
    const draw = (surface) => {
      drawSquare(surface, scene);
      drawPoints(surface, scene);
      drawCrossHair(surface, scene);
    };
    return { width, height, theme: scene.theme, scale: this.scale, title: texts["picture title"], summary, filename, draw };
  }

  togglePlay() {
    if (this.player.playing) return this.player.stop();
    if (columnOf(this.model, this.chosen.cursor) >= this.model.columns - 1) this.setCursor(0);
    return this.player.start();
  }

  playOn(steps) {
    const { model } = this;
    const column = Math.min(columnOf(model, this.chosen.cursor) + steps, model.columns - 1);
    this.setCursor(stepOf(model, column));
    return column < model.columns - 1;
  }

  playingChanged() {
    this.labelPlay();
    if (!this.player.playing && this.layout) this.reports.schedule(60);
  }

  // What tests read: attributes of the root ...
  expose() {
    const { cursor, unit, selected, clamp } = this.chosen;
    Object.assign(this.root.dataset, {
      revision: this.revision,
      cursor,
      unit: unit ?? "",
      selected: selected.join(),
      clamp: clamp ? clamp.join() : "",
      theme: this.theme.name,
      scored: String(Boolean(this.model.scores)),
    });
  }

  // ... and functions on it.
  testHook() {
    return {
      point: (unit, step) => pointOf(this.model, unit, columnOf(this.model, step)),
      // Places in pixels of the stage.
      at: (r, z) => ({ x: xOf(this.layout, r), y: yOf(this.layout, z) }),
      handle: () => this.handle(),
      scores: () => this.model.scores && Array.from(this.model.scores.values),
      layout: () => this.layout,
    };
  }
}
