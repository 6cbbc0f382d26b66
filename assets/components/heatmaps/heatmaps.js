// One picture on the page: what it shows, what is chosen in it, and when to draw.

import { buildLut, cssColour, parseColour, readableColour, readTheme, stopColour } from "../shared/colours.js";
import { showTooltip } from "../shared/dom.js";
import { rowSpan } from "../shared/marks.js";
import { PlayedPicture } from "../shared/played.js";
import { savePng, saveSvg } from "../shared/sheet.js";
import { CanvasSurface } from "../shared/surface.js";
import { onStep, tellStep } from "../shared/together.js";
import { axisStrides } from "./axes.js";
import { buildElements, labelElements, labelHints } from "./elements.js";
import { KEYS, wirePointer } from "./interaction.js";
import { wireKeys } from "../shared/keys.js";
import { computeLayout, stepToX } from "./layout.js";
import { columnSteps, decodePayload, levelAt, valueAt } from "./payload.js";
import { drawBand, drawCross, drawCursor, drawPicture, drawSelection, visibleBin } from "./picture.js";
import { rasteriseModel } from "./raster.js";
import { fullWindow, isFull, snapWindow, windowShowing, zoomWindow } from "./view.js";
import { hoverLines, stepSentence } from "./words.js";

// What people had, by key: a picture that Streamlit takes down and puts up again goes on where it was.
const MEMORY = new Map();

export class Heatmaps extends PlayedPicture {
  constructor(root) {
    super(root, buildElements(root, (name, value) => this.act(name, value)));
    this.chosen = { cursor: 0, unit: null, order: null };
    this.window = null;
    this.band = null;
    this.grabbed = false;
    wirePointer(this);
    wireKeys(this, KEYS);
    this.alone = onStep(this, () => this.scene && this.model.group, (step) => this.setCursor(step, null, false));
    root.gatescope = this.testHook();
  }

  destroy() {
    this.remember();
    this.alone();
    super.destroy();
  }

  // New data, or the same under another theme.
  update(component) {
    this.reports.component = component;
    if (component.data !== this.bytes) {
      this.bytes = component.data;
      this.adopt(decodePayload(component.data));
      this.revision += 1;
    }
    this.theme = readTheme(this.root);
    for (const panel of this.model.panels) this.colourPanel(panel);
    labelElements(this.nodes, this.model, { speed: this.player.speed, order: this.chosen.order });
    this.labelPlay();
    this.rastersOf = null;
    this.relayout();
  }

  // Takes over a new model and keeps what still makes sense of what the person had chosen.
  adopt(model) {
    const before = this.model;
    this.model = model;
    const { command, steps, units, orders } = model;
    const memory = before ? null : MEMORY.get(model.key);
    if (memory && memory.serial === command.serial && memory.steps === steps && memory.units === units) {
      Object.assign(this.chosen, memory.chosen);
      this.window = memory.window;
      this.player.speed = memory.speed;
      this.reports.knows(memory.known);
      this.serial = command.serial;
    } else if (this.obey(command, before ? null : { window: null }).includes("cursor") && this.window) {
      this.window = windowShowing(this.window, steps, this.chosen.cursor ?? 0);
    }
    if (before ? before.steps !== steps : !this.window) this.window = fullWindow(steps);
    this.chosen.cursor = Math.min(this.chosen.cursor ?? 0, steps - 1);
    if (this.chosen.unit !== null && this.chosen.unit >= units) this.chosen.unit = null;
    if (!orders.some(({ name }) => name === this.chosen.order)) this.chosen.order = orders[0].name;
    if (JSON.stringify(this.reports.known.window) !== JSON.stringify(this.choices().window)) this.report(150);
  }

  colourPanel(panel) {
    const stops = this.model.colours[panel.scale][this.theme.name];
    panel.ink = cssColour(readableColour(parseColour(panel.colour ?? this.theme.text), this.theme));
    panel.lut = buildLut(stops, panel.range, panel.wire);
    panel.lutColour = (value) => stopColour(stops, (value - panel.range[0]) / (panel.range[1] - panel.range[0]));
  }

  choices() {
    const { steps } = this.model;
    const window = isFull(this.window, steps) ? null : [Math.round(this.window.from), Math.round(this.window.to)];
    return { ...this.chosen, window };
  }

  remember() {
    if (!this.model) return;
    const { key, steps, units } = this.model;
    const { chosen, window, serial } = this;
    MEMORY.set(key, { chosen, window, serial, steps, units, speed: this.player.speed, known: this.reports.known });
  }

  report(delay) {
    this.reports.schedule(delay);
  }

  get order() {
    return this.model.orders.find(({ name }) => name === this.chosen.order).rows;
  }

  // Measures the page and draws everything. Nothing happens while hidden: the observer calls again.
  relayout() {
    const width = this.nodes.stage.clientWidth;
    if (!this.model || width < 40) return;
    const ruler = new CanvasSurface(this.nodes.base, this.theme.font);
    const { height } = this.model;
    const around = this.nodes.toolbar.offsetHeight + parseFloat(getComputedStyle(this.nodes.sentence).minHeight) + 3;
    const scene = { model: this.model, window: this.window };
    this.layout = computeLayout({
      width,
      height: height ? height - around : null,
      model: this.model,
      hasLines: this.chosen.unit !== null,
      binned: visibleBin(scene) > 1,
      measure: (text, size, weight) => ruler.measure(text, size, weight),
    });
    const { layout } = this;
    this.nodes.stage.style.height = `${layout.height}px`;
    labelHints(this.nodes, this.model, layout);
    this.nodes.close.hidden = !layout.lines;
    if (layout.lines) this.nodes.close.style.top = `${layout.lines.title - 15}px`;
    this.rasterise();
    this.paint();
  }

  // Fills the panels' images, if what they are made of has changed.
  rasterise() {
    const { layout, model, order, chosen, scale } = this;
    const { plot, panels } = layout;
    const made = [this.revision, this.theme.name, chosen.order, panels[0].height, plot.width, scale].join();
    if (made === this.rastersOf) return;
    this.rastersOf = made;
    this.rasters = rasteriseModel(model, layout, order, this.theme, scale, this.rasters);
  }

  paint() {
    const { model, layout, theme, rasters, chosen, scale } = this;
    const series = [theme.text, ...theme.series];
    this.scene = { ...chosen, model, layout, theme, rasters, series, scale, window: this.window, order: this.order };
    const surface = new CanvasSurface(this.nodes.base, theme.font);
    surface.begin(layout.width, layout.height, scale);
    this.scene.strides = axisStrides(surface, this.scene);
    drawPicture(surface, this.scene);
    this.drawMarks();
  }

  drawMarks() {
    Object.assign(this.scene, { cursor: this.chosen.cursor, unit: this.chosen.unit });
    const { scene, nodes, layout } = this;
    const surface = new CanvasSurface(nodes.over, scene.theme.font);
    surface.begin(layout.width, layout.height, scene.scale);
    drawSelection(surface, scene);
    drawCursor(surface, scene, this.grabbed);
    if (this.band) drawBand(surface, scene, this.band);
    if (this.hover && !this.grabbed) drawCross(surface, scene, this.hover);
    this.paintWords();
    this.expose();
  }

  paintWords() {
    const { nodes, model, hover, scene } = this;
    const sentence = stepSentence(model, this.chosen.cursor);
    if (nodes.sentence.textContent !== sentence) nodes.sentence.textContent = sentence;
    if (!hover || this.grabbed || this.band) {
      nodes.tooltip.hidden = true;
      return;
    }
    const unit = hover.row === null ? this.chosen.unit : scene.order[hover.row];
    showTooltip(nodes, hoverLines(model, hover.step, unit), hover.x, hover.y);
  }

  setBand(band) {
    if (!band && !this.band) return;
    this.band = band;
    this.soon(false);
  }

  grabCursor(grabbed) {
    if (grabbed && this.player.playing) this.player.stop();
    if (grabbed === this.grabbed) return;
    this.grabbed = grabbed;
    this.soon(false);
  }

  setCursor(step, reportAfter = null, leads = true) {
    const cursor = Math.min(Math.max(step, 0), this.model.steps - 1);
    const shown = windowShowing(this.window, this.model.steps, cursor);
    const moved = shown !== this.window;
    this.chosen.cursor = cursor;
    if (leads) tellStep(this.model.group, cursor, this);
    else this.player.stop();
    if (moved) this.window = snapWindow(shown, this.model.steps);
    this.soon(moved);
    if (reportAfter !== null) this.report(reportAfter);
    // A film that runs out of the window turns a page, whose single steps may not be here yet.
    else if (moved && this.model.levels.length > 1) this.report(150);
  }

  setWindow(window, final = false) {
    this.window = window;
    this.soon(true);
    if (final) this.report(150);
  }

  // For wheels, which have no release: whole steps and a report once they rest.
  settleWindow(window) {
    this.setWindow(window);
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.setWindow(snapWindow(this.window, this.model.steps), true), 180);
  }

  zoomTo(band) {
    const [from, to] = [Math.min(band.from, band.to), Math.max(band.from, band.to)];
    const { steps } = this.model;
    this.setWindow(snapWindow({ from: Math.max(Math.floor(from), 0), to: Math.min(Math.ceil(to), steps) }, steps), true);
  }

  zoomBy(factor) {
    const { steps } = this.model;
    const { cursor } = this.chosen;
    const inView = cursor >= this.window.from && cursor < this.window.to;
    const anchor = inView ? cursor + 0.5 : (this.window.from + this.window.to) / 2;
    this.setWindow(snapWindow(zoomWindow(this.window, steps, factor, anchor), steps), true);
  }

  toggleUnit(unit) {
    this.chosen.unit = this.chosen.unit === unit ? null : unit;
    this.soon(true);
    // Longer than a double-click takes: its two clicks undo each other and need not be told.
    this.report(320);
  }

  moveUnit(by) {
    const row = this.chosen.unit === null ? (by > 0 ? -1 : this.model.units) : this.order.indexOf(this.chosen.unit);
    const next = Math.min(Math.max(row + by, 0), this.model.units - 1);
    if (this.order[next] !== this.chosen.unit) this.toggleUnit(this.order[next]);
  }

  act(name, value) {
    if (!this.scene) return;
    const { cursor } = this.chosen;
    const [first, last] = columnSteps(levelAt(this.model, cursor), cursor);
    if (name !== "play" && ["first", "back", "forward", "last"].includes(name)) this.player.stop();
    const actions = {
      first: () => this.setCursor(0, 250),
      back: () => this.setCursor(first - 1, 250),
      forward: () => this.setCursor(last + 1, 250),
      last: () => this.setCursor(this.model.steps - 1, 250),
      play: () => this.togglePlay(),
      speed: () => (this.player.speed = Number(value)),
      "zoom in": () => this.zoomBy(0.5),
      "zoom out": () => this.zoomBy(2),
      "zoom reset": () => this.setWindow(fullWindow(this.model.steps), true),
      order: () => this.setOrder(value),
      "unit before": () => this.moveUnit(-1),
      "unit after": () => this.moveUnit(1),
      close: () => this.chosen.unit !== null && this.toggleUnit(this.chosen.unit),
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
      drawPicture(surface, scene);
      drawSelection(surface, scene);
      drawCursor(surface, scene, false);
    };
    return { width, height, theme: scene.theme, scale: scene.scale, title: texts["picture title"], summary, filename, draw };
  }

  setOrder(name) {
    this.chosen.order = name;
    this.soon(true);
    this.report(60);
  }

  togglePlay() {
    if (this.player.playing) return this.player.stop();
    if (this.chosen.cursor >= this.model.steps - 1) this.setCursor(0);
    return this.player.start();
  }

  playOn(steps) {
    this.setCursor(this.chosen.cursor + steps);
    return this.chosen.cursor < this.model.steps - 1;
  }

  playingChanged() {
    this.labelPlay();
    if (!this.player.playing && this.scene) this.report(60);
  }

  isFocused() {
    return this.root.getRootNode().activeElement === this.nodes.stage;
  }

  // What tests read: attributes of the root ...
  expose() {
    const { window: shown, unit, cursor, order } = this.choices();
    Object.assign(this.root.dataset, {
      revision: this.revision,
      cursor,
      order,
      unit: unit ?? "",
      window: shown ? shown.join() : "",
      theme: this.theme.name,
      bin: visibleBin(this.scene),
    });
  }

  // ... and functions on it.
  testHook() {
    return {
      valueAt: (panel, unit, step) => valueAt(this.model, panel, unit, step),
      // Middle of a cell, in pixels of the stage.
      cellAt: (panel, unit, step) => {
        const { layout, order, window: shown } = this.scene;
        const { top, height } = rowSpan(layout.panels[panel], order.length, order.indexOf(unit));
        return { x: stepToX(layout, shown, step + 0.5), y: top + height / 2 };
      },
      layout: () => this.layout,
    };
  }
}
