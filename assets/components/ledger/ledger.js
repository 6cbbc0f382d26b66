// One ledger on the page: which state is looked at, where in it, over which units, and when to draw.

import { buildLut, cssColour, mixColours, parseColour, stopColour } from "../shared/colours.js";
import { showTooltip } from "../shared/dom.js";
import { wireKeys } from "../shared/keys.js";
import { LivePicture } from "../shared/live.js";
import { paintRaster, rasterRows } from "../shared/raster.js";
import { Reports } from "../shared/reports.js";
import { savePng, saveSvg } from "../shared/sheet.js";
import { CanvasSurface } from "../shared/surface.js";
import { together } from "../shared/text.js";
import { buildElements, labelElements } from "./elements.js";
import { KEYS, wirePointer } from "./interaction.js";
import { columnLeft, computeLayout, listRow, rowTop } from "./layout.js";
import { buildPassage, colourPassage, showSymbol } from "./passage.js";
import { decodeMap, inColumns, rowOf } from "./payload.js";
import { drawRow, drawSource, drawStill } from "./picture.js";
import { drawUnits } from "./units.js";
import { lifeText, partPlace, shareText, stateText, stepSentence } from "./words.js";

export class Ledger extends LivePicture {
  constructor(root) {
    super(root, buildElements(root, (name, value) => this.act(name, value)));
    this.reports = new Reports(() => this.choices());
    this.chosen = { cursor: 0, units: "" };
    this.source = null;
    wirePointer(this);
    wireKeys(this, KEYS);
    root.gatescope = this.testHook();
  }

  destroy() {
    super.destroy();
    this.reports.stop();
  }

  update(component) {
    this.reports.component = component;
    super.update(component);
  }

  // What the page orders holds; otherwise what the person has chosen since stays.
  adopt(header, resolve) {
    const before = this.serial;
    this.model = decodeMap(header, resolve);
    this.revision += 1;
    const { command, steps, ticks } = this.model;
    if (command.serial !== before) {
      const fields = command.serial === before + 1 ? command.changed : Object.keys(command.set);
      for (const field of fields) this.chosen[field] = command.set[field];
      if (before === undefined) this.reports.knows(command.set);
      else this.reports.doubts(fields);
    }
    this.serial = command.serial;
    this.chosen.cursor = Math.min(this.chosen.cursor, steps - 1);
    this.made = null;
    const passage = JSON.stringify([this.model.passage, this.model.backward, ticks]);
    if (passage === this.passage) return;
    this.passage = passage;
    this.source = null;
    this.found = false;
    buildPassage(this.nodes, this.model, {
      choose: (step) => this.chooseStep(step, 40),
      hover: (step) => this.setHover(step === null ? null : { kind: "symbol", step }),
    });
  }

  choices() {
    return { cursor: this.chosen.cursor, units: this.chosen.units };
  }

  report(delay) {
    this.reports.schedule(delay);
  }

  // The step whose state is shown: the one under the pointer, else the chosen one.
  get step() {
    const { hover, model, chosen } = this;
    if (hover?.kind === "symbol") return hover.step;
    return hover?.kind === "map" ? this.middle(hover.row) : Math.min(chosen.cursor, model.steps - 1);
  }

  // The step that a row of the map stands for: the chosen one where that is in it.
  middle(row) {
    const { bin, steps } = this.model;
    if (Math.floor(this.chosen.cursor / bin) === row) return this.chosen.cursor;
    return Math.min(row * bin + Math.floor(bin / 2), steps - 1);
  }

  get signed() {
    return this.model.wire.signed;
  }

  prepare() {
    const { model, theme, layout, scale } = this;
    const stops = (kind) => model.colours[this.signed ? "content" : kind][theme.name];
    const place = (value) => {
      const root = Math.sign(value) * Math.sqrt(Math.abs(value));
      return this.signed ? (root + 1) / 2 : root;
    };
    this.colour = (kind, value) => stopColour(stops(kind), place(value));
    this.stopAt = (share) => stopColour(stops("written"), share);
    const ink = (name) => cssColour(parseColour(model.inks[name]));
    this.inks = { start: ink("start"), written: ink("written"), life: cssColour(mixColours(parseColour(model.inks.start), theme.paperRgb, 0.15)) };
    const made = [this.revision, theme.name, layout.map.height, layout.plot.width, scale].join();
    if (made === this.made) return;
    this.made = made;
    const { rows, wire } = model;
    const range = this.signed ? [-1, 1] : [0, 1];
    const order = Uint16Array.from({ length: rows }, (_, row) => row);
    const image = (values, columns, kind) => {
      const high = rasterRows(rows, columns, Math.round(layout.plot.width * scale), Math.round(layout.map.height * scale));
      const lut = buildLut(stops(kind), range, [this.signed ? -wire.reach : 0, wire.reach]);
      return paintRaster(values, columns, 65535, order, high, lut);
    };
    this.images = { start: image(model.start, 1, "start"), written: image(model.written, rows, "written") };
  }

  draw(width) {
    const { nodes, model, theme, scale } = this;
    labelElements(nodes, model);
    const surface = new CanvasSurface(nodes.base, theme.font);
    const around = nodes.head.offsetHeight + nodes.passage.offsetHeight + parseFloat(getComputedStyle(nodes.sentence).minHeight) + 10;
    this.layout = computeLayout({
      width,
      height: model.height - around,
      model,
      measure: (text, size, weight) => surface.measure(text, size, weight),
    });
    nodes.stage.style.height = `${this.layout.height}px`;
    this.prepare();
    surface.begin(width, this.layout.height, scale);
    this.scene = { model, layout: this.layout, theme, images: this.images, inks: this.inks, chosen: model.chosen, colour: this.colour, stopAt: this.stopAt };
    drawStill(surface, this.scene);
    drawUnits(surface, this.scene);
    this.drawMarks();
  }

  drawMarks() {
    const { nodes, model, layout, scale, hover, step } = this;
    const row = rowOf(model, step);
    const source = hover?.column ?? this.source;
    const moving = { ...this.scene, row, step, rowText: stateText(model, step, row), column: source ?? null };
    this.moving = moving;
    const surface = new CanvasSurface(nodes.over, this.theme.font);
    surface.begin(layout.width, layout.height, scale);
    drawRow(surface, moving);
    drawSource(surface, moving);
    const part = (at) => row.parts[Math.floor(at / row.size)] / row.size;
    colourPassage(nodes, moving, { start: row.start, part, state: step });
    const sentence = stepSentence(model, step, row, this.partOf(row, hover ? null : this.source));
    if (nodes.sentence.textContent !== sentence) nodes.sentence.textContent = sentence;
    if (!this.found) showSymbol(nodes, step);
    this.found = true;
    this.drawTooltip(row);
    this.expose(row);
  }

  // A column of the map as a part of a row, which may be here step by step.
  partOf(row, column) {
    if (column === null || column < 0 || row.size === this.model.bin) return column;
    return null;
  }

  drawTooltip(row) {
    const { nodes, model, hover, theme, step } = this;
    nodes.tooltip.hidden = true;
    if (!hover || hover.kind === "symbol") return;
    if (hover.kind === "units") {
      const unit = model.order[hover.place];
      const { texts } = model;
      showTooltip(
        nodes,
        [
          { text: texts["unit name"].replace("{unit}", unit), strong: true },
          { text: texts["half-life"], value: lifeText(model.lives[unit], model) },
          { text: texts["by mean"], value: lifeText(model.byMean[unit], model) },
        ],
        hover.x,
        hover.y,
      );
      return;
    }
    const columns = inColumns(row, model);
    const value = hover.column < 0 ? row.start : columns[hover.column];
    const swatch = this.colour(hover.column < 0 ? "start" : "written", value);
    const where = partPlace(model, { size: model.bin }, hover.column);
    const lines = [{ text: stateText(model, step, row), strong: true }, { text: where, value: shareText(value, model), swatch }];
    showTooltip(nodes, lines, hover.x, hover.y, theme);
  }

  choose(row, column) {
    const { bin, steps } = this.model;
    this.source = column;
    this.chosen.cursor = Math.min(bin === 1 ? row : this.middle(row), steps - 1);
    this.settleRow();
  }

  chooseStep(step, delay) {
    this.chosen.cursor = Math.min(Math.max(step, 0), this.model.steps - 1);
    this.hover = null;
    this.settleRow();
    this.report(delay);
  }

  settleRow() {
    showSymbol(this.nodes, this.chosen.cursor);
    this.soon(false);
  }

  moveSource(by) {
    const { rows } = this.model;
    const own = Math.floor(this.chosen.cursor / this.model.bin);
    const now = this.source ?? own + (by > 0 ? -1 : 1);
    this.source = Math.min(Math.max(now + by, -1), rows - 1);
    this.hover = null;
    this.soon(false);
  }

  // All units, or this one, or this one with those chosen so far.
  chooseUnit(unit, adds = false) {
    const { units, chosen } = this.model;
    const all = chosen.length === units;
    let next = [unit];
    if (adds && !all) next = chosen.includes(unit) ? chosen.filter((other) => other !== unit) : [...chosen, unit];
    else if (chosen.length === 1 && chosen[0] === unit) next = [];
    this.chosen.units = next.length === units ? "" : [...next].sort((a, b) => a - b).join();
    this.report(40);
  }

  moveUnit(by) {
    const { order, chosen, units } = this.model;
    const place = chosen.length === 1 && units > 1 ? order.indexOf(chosen[0]) + by : by > 0 ? 0 : units - 1;
    if (place >= 0 && place < units && !(chosen.length === 1 && chosen[0] === order[place])) this.chooseUnit(order[place]);
  }

  act(name) {
    if (!this.layout) return;
    const { bin, steps } = this.model;
    const { cursor } = this.chosen;
    const actions = {
      "state before": () => this.chooseStep(cursor - bin, 250),
      "state after": () => this.chooseStep(cursor + bin, 250),
      "first state": () => this.chooseStep(0, 250),
      "last state": () => this.chooseStep(steps - 1, 250),
      "source before": () => this.moveSource(-1),
      "source after": () => this.moveSource(1),
      "unit before": () => this.moveUnit(-1),
      "unit after": () => this.moveUnit(1),
      "all units": () => this.clear(),
      "save png": () => savePng(this.sheet()),
      "save svg": () => saveSvg(this.sheet()),
    };
    actions[name]();
  }

  // Escape lets go of the column first, then of the units.
  clear() {
    if (this.source !== null) {
      this.source = null;
      this.soon(false);
    } else if (this.chosen.units) {
      this.chosen.units = "";
      this.report(40);
    }
  }

  sheet() {
    const { layout, model, theme, scale, scene, moving } = this;
    const draw = (surface) => {
      drawStill(surface, scene);
      drawUnits(surface, scene);
      drawRow(surface, moving);
      drawSource(surface, moving);
    };
    const summary = together([model.summary, this.nodes.sentence.textContent]);
    return { width: layout.width, height: layout.height, theme, scale, title: model.title, summary, filename: model.filename, draw };
  }

  // What tests and stylesheets read: attributes of the root ...
  expose(row) {
    const { model, theme, chosen, step, source } = this;
    Object.assign(this.root.dataset, {
      revision: this.revision,
      theme: theme.name,
      cursor: chosen.cursor,
      shown: step,
      source: source ?? "",
      units: chosen.units,
      averaged: model.chosen.join(),
      bin: model.bin,
      exact: row.exact,
    });
  }

  // ... and functions on it.
  testHook() {
    return {
      row: (step = this.step) => {
        const { start, parts } = rowOf(this.model, step);
        return [start, ...parts];
      },
      lives: () => [...this.model.lives],
      // Middles, in pixels of the stage.
      cellAt: (row, column) => {
        const { layout, model } = this;
        const x = column < 0 ? layout.start.left + layout.start.width / 2 : columnLeft(layout, model, column + 0.5);
        return { x, y: rowTop(layout, model, row + 0.5) };
      },
      unitAt: (unit) => {
        const { top, height } = listRow(this.layout, this.model, this.model.order.indexOf(unit));
        return { x: this.layout.list.left + 4, y: top + height / 2 };
      },
      colours: () => this.nodes.symbols.map(({ style }) => style.background),
    };
  }
}
