// One film on the page: which frames are here, which is shown, and when to draw.

import { nearestIndex } from "../shared/chart.js";
import { buildLut, cssColour, parseColour, readableColour, stopColour } from "../shared/colours.js";
import { nameButton } from "../shared/dom.js";
import { setIcon } from "../shared/icons.js";
import { LivePicture } from "../shared/live.js";
import { Player } from "../shared/player.js";
import { paintRaster, rasterRows } from "../shared/raster.js";
import { Reports } from "../shared/reports.js";
import { savePng, saveSvg } from "../shared/sheet.js";
import { CanvasSurface } from "../shared/surface.js";
import { together } from "../shared/text.js";
import { chartsOf, scoreAxis } from "./curves.js";
import { buildElements, labelElements } from "./elements.js";
import { KEYS, wirePointer } from "./interaction.js";
import { wireKeys } from "../shared/keys.js";
import { computeLayout } from "./layout.js";
import { drawHover, drawMoving, drawStill } from "./picture.js";
import { scrubChart } from "./scrub.js";
import { addFrames, firstMissing, framesOf } from "./store.js";
import { filmSentence, scoreText } from "./words.js";

// Bytes of painted heatmaps that are kept for playing.
const PAINTED = 32 * 2 ** 20;

// A gap is asked for again only after this long: an answer may be on its way.
const PATIENCE = 2500;

const NO_CURVES = { update: [], loss: [], train_loss: [], score: [], train_score: [] };

// What people had, by key: a film that Streamlit takes down and puts up again goes on where it was.
const VIEWS = new Map();

export class Film extends LivePicture {
  constructor(root) {
    super(root, buildElements(root, (name, value) => this.act(name, value)));
    this.player = new Player((frames) => this.playOn(frames), () => this.playingChanged());
    this.reports = new Reports(() => this.choices());
    this.view = { follow: true, touched: false, index: 0, order: "index" };
    this.grabbed = false;
    this.needs = null;
    wirePointer(this);
    wireKeys(this, KEYS);
    this.onHidden = () => document.hidden && this.player.stop();
    document.addEventListener("visibilitychange", this.onHidden);
    root.gatescope = this.testHook();
  }

  destroy() {
    super.destroy();
    this.player.stop();
    this.reports.stop();
    clearTimeout(this.asking);
    document.removeEventListener("visibilitychange", this.onHidden);
  }

  update(component) {
    this.reports.component = component;
    super.update(component);
  }

  // Words and sizes, which stay while the film grows.
  adopt(model) {
    const another = this.run !== model.run;
    this.run = model.run;
    if (another) this.begin(model);
    const { low, values } = scoreAxis(model.percent, model.chance);
    const ticks = low < 0 ? [low, ...values] : values;
    model.scoreTicks = ticks.map((value) => ({ value, text: scoreText(model, value) }));
    this.hasSymbols = model.ticks.some((tick, step) => tick !== "" && tick !== String(step));
  }

  // Another run: nothing is known of it, unless it was on this page before.
  begin(model) {
    const memory = VIEWS.get(model.key);
    this.player.stop();
    this.view = memory?.run === model.run ? memory.view : { follow: true, touched: false, index: 0, order: "index" };
    VIEWS.set(model.key, { run: model.run, view: this.view });
    this.reports.knows({ frame: null, needs: null });
    this.needs = null;
    this.settled = false;
    this.lived = false;
    this.frames = [];
    this.known = [];
    this.curves = NO_CURVES;
    this.fedFacts = { live: false, learnedAt: null, done: 0, total: 0, summary: "" };
    this.rasters = new Map();
  }

  adoptFeed(feed, resolve) {
    const { model } = this;
    const gates = model.panels.filter(({ scale }) => scale === "gate");
    const frames = framesOf(model.run, feed.layer);
    if (frames !== this.frames) this.rasters = new Map();
    this.frames = frames;
    addFrames(frames, feed, resolve, gates, model.panels.length * model.units * model.steps);
    this.known = frames.filter(Boolean);
    this.curves = Object.fromEntries(Object.entries(feed.curves).map(([name, ref]) => [name, resolve(ref)]));
    const { live, done, total, summary } = feed;
    this.fedFacts = { live, done, total, summary, learnedAt: feed.learned_at };
    this.layer = feed.layer;
    this.ask();
    // The server forgets what was chosen in a film that was taken down.
    if (!this.settled) this.report(150);
    this.settled = true;
    this.lived ||= feed.live;
    if (this.view.follow) this.view.index = this.known.at(-1)?.index ?? 0;
  }

  // Frames that never came are asked for, from the first of them on.
  ask() {
    clearTimeout(this.asking);
    const first = firstMissing(this.frames, this.fedFacts.total);
    if (first === null) return;
    const { run, layer, needs } = this;
    const serial = Date.now();
    const again = needs?.run === run && needs.layer === layer && needs.first === first;
    if (!again || serial - needs.serial >= PATIENCE) {
      this.needs = { run, layer, first, serial };
      this.report(0);
    }
    this.asking = setTimeout(() => this.ask(), PATIENCE + 50);
  }

  get shown() {
    return this.frames[this.view.index] ?? this.known.at(-1) ?? null;
  }

  get following() {
    return this.fedFacts.live && this.view.follow;
  }

  // What the server is told: the frame that was chosen, null for the newest; and what is missing.
  choices() {
    const { touched, index } = this.view;
    return { frame: touched && !this.following ? { run: this.run, index } : null, needs: this.needs };
  }

  report(delay) {
    this.reports.schedule(delay);
  }

  // The measured update that a frame belongs to: the last one not after it.
  pointAt(update) {
    const { update: updates } = this.curves;
    const nearest = nearestIndex(updates, update);
    return nearest > 0 && updates[nearest] > update ? nearest - 1 : nearest;
  }

  // Which unit stands in which row.
  get order() {
    const { units, steps, orderBy } = this.model;
    const last = this.known.at(-1);
    const name = `${this.view.order} ${last?.update} ${this.layer}`;
    if (name === this.orderName) return this.rows;
    this.orderName = name;
    this.rows = Uint16Array.from({ length: units }, (_, unit) => unit);
    if (this.view.order === "gate" && last && orderBy !== null) {
      const sums = Array.from(this.rows, (unit) => {
        const from = (orderBy * units + unit) * steps;
        return last.values.subarray(from, from + steps).reduce((sum, value) => sum + value, 0);
      });
      this.rows.sort((a, b) => sums[a] - sums[b] || a - b);
    }
    return this.rows;
  }

  colourPanels() {
    const { theme, model } = this;
    this.panels = model.panels.map((panel) => {
      const stops = model.colours[panel.scale][theme.name];
      const colour = parseColour(panel.colour ?? theme.text);
      const ink = cssColour(readableColour(colour, theme));
      const colourAt = (whole) => stopColour(stops, whole / 255);
      return { ...panel, ink, fill: cssColour(colour), lut: buildLut(stops, [0, 255], [0, 255]), colourAt };
    });
  }

  // The heatmap of a panel in a frame, painted when it is first seen.
  raster(frame, panel) {
    const { model, layout, scale, order } = this;
    const { units, steps, panels } = model;
    const cells = units * steps;
    const { width, height } = layout.panels[panel];
    const rows = rasterRows(units, steps, Math.round(width * scale), Math.round(height * scale));
    const made = [this.theme.name, this.orderName, rows].join();
    if (made !== this.rastersMade) this.rasters = new Map();
    this.rastersMade = made;
    const images = this.rasters.get(frame.index) ?? [];
    this.rasters.delete(frame.index);
    this.rasters.set(frame.index, images);
    if (this.rasters.size > Math.max(PAINTED / (panels.length * rows * steps * 4), 4)) {
      this.rasters.delete(this.rasters.keys().next().value);
    }
    const values = frame.values.subarray(panel * cells, (panel + 1) * cells);
    images[panel] ??= paintRaster(values, steps, 255, order, rows, this.panels[panel].lut);
    return images[panel];
  }

  draw(width) {
    const { nodes, model, theme, scale } = this;
    this.colourPanels();
    const { live, summary } = this.fedFacts;
    labelElements(nodes, model, { speed: this.player.speed, order: this.view.order, live, summary });
    this.labelPlay();
    const surface = new CanvasSurface(nodes.base, theme.font);
    const around = nodes.toolbar.offsetHeight + parseFloat(getComputedStyle(nodes.sentence).minHeight) + 6;
    this.layout = computeLayout({
      width,
      height: model.height - around,
      model,
      hasSymbols: this.hasSymbols,
      measure: (text, size, weight) => surface.measure(text, size, weight),
    });
    nodes.stage.style.height = `${this.layout.height}px`;
    this.charts = chartsOf(this);
    this.bar = scrubChart(this);
    surface.begin(width, this.layout.height, scale);
    drawStill(surface, this);
    this.drawMarks();
  }

  drawMarks() {
    const { nodes, layout, scale } = this;
    const surface = new CanvasSurface(nodes.over, this.theme.font);
    surface.begin(layout.width, layout.height, scale);
    drawMoving(surface, this);
    drawHover(surface, this);
    const sentence = this.shown ? filmSentence(this, this.shown) : this.model.texts.waiting;
    if (nodes.sentence.textContent !== sentence) nodes.sentence.textContent = sentence;
    this.expose();
  }

  goToUpdate(update) {
    const { known } = this;
    if (known.length) this.goTo(known[nearestIndex(known.map((frame) => frame.update), update)].index);
  }

  goTo(index, follow = false) {
    Object.assign(this.view, { index, follow, touched: true });
    this.soon(false);
  }

  // The frame so many places on; the newest of a training that runs is followed.
  move(by) {
    const { known } = this;
    const at = known.indexOf(this.shown);
    const next = Math.min(Math.max(at + by, 0), known.length - 1);
    if (next >= 0) this.goTo(known[next].index, this.fedFacts.live && next === known.length - 1);
    return next < known.length - 1;
  }

  playOn(frames) {
    return this.move(frames);
  }

  grab(grabbed) {
    if (grabbed) this.player.stop();
    this.grabbed = grabbed;
    this.soon(false);
  }

  act(name, value) {
    if (!this.layout) return;
    if (["first", "back", "forward", "last", "live"].includes(name)) this.player.stop();
    const actions = {
      first: () => this.move(-Infinity),
      back: () => this.move(-1),
      forward: () => this.move(1),
      last: () => this.move(Infinity),
      live: () => this.move(Infinity),
      play: () => this.togglePlay(),
      speed: () => (this.player.speed = Number(value)),
      order: () => (this.view.order = value),
      "save png": () => savePng(this.sheet()),
      "save svg": () => saveSvg(this.sheet()),
    };
    actions[name]();
    if (name === "order") this.soon(true);
    else if (name !== "play" && name !== "speed" && !name.startsWith("save")) this.report(250);
  }

  togglePlay() {
    if (this.player.playing) return this.player.stop();
    if (this.known.length < 2) return undefined;
    const atEnd = this.shown === this.known.at(-1);
    this.goTo((atEnd ? this.known[0] : this.shown).index);
    return this.player.start();
  }

  playingChanged() {
    this.labelPlay();
    if (!this.player.playing) this.report(40);
  }

  labelPlay() {
    const { playing } = this.player;
    const button = this.nodes.buttons.play;
    setIcon(button, playing ? "pause" : "play");
    if (this.model) nameButton(button, this.model.texts[playing ? "pause" : "play"]);
    this.root.dataset.playing = String(playing);
  }

  // What is saved: the frame that is shown, with its curves.
  sheet() {
    const { layout, model, theme, scale } = this;
    const draw = (surface) => {
      drawStill(surface, this);
      drawMoving(surface, this);
    };
    const { texts, filename } = model;
    const summary = together([this.fedFacts.summary, this.nodes.sentence.textContent]);
    return { width: layout.width, height: layout.height, theme, scale, title: texts["picture title"], summary, filename, draw };
  }

  // What tests and stylesheets read: attributes of the root ...
  expose() {
    const { nodes, fedFacts, following, shown } = this;
    nodes.live.setAttribute("aria-pressed", String(following));
    // A screen reader would read every frame of a film.
    nodes.sentence.setAttribute("aria-live", this.player.playing || following ? "off" : "polite");
    Object.assign(this.root.dataset, {
      revision: this.revision,
      run: this.run,
      frame: shown ? shown.index : "",
      frames: this.known.length,
      total: fedFacts.total,
      update: shown ? shown.update : "",
      live: fedFacts.live,
      lived: this.lived,
      following,
      order: this.view.order,
      theme: this.theme.name,
    });
  }

  // ... and functions on it.
  testHook() {
    return {
      wholeAt: (panel, unit, step) => this.shown.values[(panel * this.model.units + unit) * this.model.steps + step],
      shares: (gate) => [...this.shown.shares[gate]],
      curve: (name) => [...this.curves[name]],
      updates: () => this.known.map(({ update }) => update),
      // Middle of a cell, in pixels of the stage.
      cellAt: (panel, unit, step) => {
        const { left, width, top, height } = this.layout.panels[panel];
        const row = this.order.indexOf(unit);
        return { x: left + ((step + 0.5) / this.model.steps) * width, y: top + ((row + 0.5) / this.model.units) * height };
      },
      places: () => ({ layout: this.layout, charts: this.charts, bar: this.bar }),
    };
  }
}
