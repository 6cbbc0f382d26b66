// The state space on the page: what it shows, what is chosen in it, and when to draw.

import { cssColour, parseColour, readTheme, stopColour } from "../shared/colours.js";
import { decodeBlock } from "../shared/block.js";
import { showTooltip } from "../shared/dom.js";
import { wireKeys } from "../shared/keys.js";
import { PlayedPicture } from "../shared/played.js";
import { savePng, saveSvg } from "../shared/sheet.js";
import { CanvasSurface } from "../shared/surface.js";
import { showBlank } from "../shared/text.js";
import { drawDisc } from "./disc.js";
import { buildElements, fillKey, labelElements } from "./elements.js";
import { KEYS, wirePointer } from "./interaction.js";
import { drawCursor, drawPaths, layoutFor } from "./picture.js";
import { boundsOf, freshView, projection, turned, zoomed } from "./view.js";
import { pointLines, pointSentence, stepLines, stepSentence } from "./words.js";

// What people had, by key: a picture that Streamlit takes down and puts up again goes on where it was.
const MEMORY = new Map();
const TURN = 0.18;

export class Space extends PlayedPicture {
  constructor(root) {
    super(root, buildElements(root, (name, value) => this.act(name, value)));
    this.chosen = { cursor: 0, depth: "3", colour: "setting" };
    this.point = null;
    this.telling = null;
    this.view = null;
    wirePointer(this);
    wireKeys(this, KEYS);
    root.gatescope = this.testHook();
  }

  destroy() {
    const { key } = this.model ?? {};
    if (key) MEMORY.set(key, { chosen: this.chosen, view: this.view, speed: this.player.speed, known: this.reports.known, serial: this.serial });
    super.destroy();
  }

  // New data, or the same under another theme.
  update(component) {
    this.reports.component = component;
    if (component.data !== this.bytes) {
      this.bytes = component.data;
      this.adopt(decodeBlock(component.data));
      this.revision += 1;
    }
    this.theme = readTheme(this.root);
    this.label();
    this.labelPlay();
    this.relayout();
  }

  adopt({ header, resolve }) {
    const before = this.model;
    this.model = header;
    header.stepOf = resolve(header.stepOf);
    header.movedBy = resolve(header.movedBy);
    header.mean = [0, 0, 0];
    for (const path of header.paths) path.places = resolve(path.places);
    for (const colouring of header.colourings) if (colouring.codes) colouring.codes = resolve(colouring.codes);
    for (const point of header.points) point.values = resolve(point.values);
    header.pointPlaces = resolve(header.pointPlaces);
    header.slowPlaces = resolve(header.slowPlaces);
    this.follow(before);
    if (!header.colourings.some(({ name }) => name === this.chosen.colour)) this.chosen.colour = header.colourings[0].name;
    if (this.point !== null && this.point >= header.points.length) this.point = null;
    if (this.point === null) this.telling = null;
    this.bounds = boundsOf([...header.paths.map(({ places }) => places), header.pointPlaces, header.slowPlaces]);
    if (!this.view || (before && before.shape !== header.shape)) this.view = freshView(this.chosen.depth);
  }

  choices() {
    return this.chosen;
  }

  // What the page orders, where that is news; else what the person has.
  follow(before) {
    const { command, key } = this.model;
    const memory = before ? null : MEMORY.get(key);
    if (memory && memory.serial === command.serial) {
      Object.assign(this.chosen, memory.chosen);
      this.view = memory.view;
      this.player.speed = memory.speed;
      this.reports.knows(memory.known);
      this.serial = command.serial;
    } else {
      this.obey(command, before ? null : {});
    }
  }

  label() {
    const { model, chosen, theme } = this;
    labelElements(this.nodes, model, { speed: this.player.speed, depth: chosen.depth, colour: chosen.colour });
    const lines = model.paths.map((path) => ({
      text: path.name,
      line: { colour: cssColour(parseColour(path.colours[theme.name])), dash: path.dash, width: path.main ? 3 : 2 },
    }));
    const kinds = [...new Set(model.points.map(({ kind }) => kind)), ...(model.slowPlaces.length ? ["slow"] : [])];
    const marks = kinds.map((kind) => ({ text: model.texts[`kind ${kind}`], mark: kind, colour: kind === "slow" ? theme.muted : theme.text }));
    fillKey(this.nodes, [...this.colourKey(), ...lines, ...marks]);
  }

  colourKey() {
    const { name, names, ends } = this.colouring;
    const { theme, model } = this;
    if (name === "setting") return [];
    if (ends) return [{ ramp: model.colours.time[theme.name], text: ends[0], last: ends[1] }];
    return names.map((name, index) => ({ text: showBlank(name), mark: "stable", colour: model.colours.kind[theme.name][index % 8] }));
  }

  get colouring() {
    return this.model.colourings.find(({ name }) => name === this.chosen.colour);
  }

  // The place in the order of reading of the step under the cursor, or of the nearest one that is drawn.
  get index() {
    const { stepOf } = this.model;
    let best = Math.min(1, stepOf.length - 1);
    for (let at = 1; at < stepOf.length; at += 1) {
      if (Math.abs(stepOf[at] - this.chosen.cursor) < Math.abs(stepOf[best] - this.chosen.cursor)) best = at;
    }
    return best;
  }

  relayout() {
    const width = this.nodes.stage.clientWidth;
    if (!this.model || width < 40) return;
    this.layout = layoutFor(width, this.model.height, this.model.points.length > 0 || this.model.awaited);
    this.nodes.stage.style.height = `${this.layout.height}px`;
    this.paint();
  }

  paint() {
    const { model, layout, theme, chosen } = this;
    const deep = chosen.depth === "3" && model.axes.length > 2;
    const projected = projection({ bounds: this.bounds, view: this.view, box: layout.paths, deep });
    const onScreen = new Map([["points", placed(projected, model.pointPlaces)], ["slow", placed(projected, model.slowPlaces)]]);
    for (const path of model.paths) onScreen.set(path, placed(projected, path.places));
    const { colouring } = this;
    this.scene = { model, layout, theme, size: layout.size, deep, projected, onScreen, colouring, stepColour: this.stepColours() };
    this.scene.point = this.point;
    const surface = new CanvasSurface(this.nodes.base, theme.font);
    surface.begin(layout.width, layout.height, this.scale);
    drawPaths(surface, this.scene);
    if (layout.disc) drawDisc(surface, this.scene);
    this.drawMarks();
  }

  // The colour of the state after a step, by its place in the order of reading.
  stepColours() {
    const { model, theme, colouring } = this;
    const ramp = model.colours.time[theme.name];
    const last = Math.max(model.stepOf.length - 1, 1);
    if (colouring.name === "time") return (at) => parseColour(stopColour(ramp, at / last));
    if (colouring.ends) return (at) => parseColour(stopColour(ramp, at ? colouring.codes[at - 1] / 65535 : 0));
    if (!colouring.codes) return () => theme.textRgb;
    const kinds = model.colours.kind[theme.name].map(parseColour);
    return (at) => (at ? kinds[colouring.codes[at - 1] % kinds.length] : parseColour(theme.muted));
  }

  drawMarks() {
    const { scene, nodes, layout, model } = this;
    scene.index = this.index;
    const surface = new CanvasSurface(nodes.over, scene.theme.font);
    surface.begin(layout.width, layout.height, this.scale);
    drawCursor(surface, scene);
    // Of the step or of the point, whichever was asked for last.
    const sentence = this.telling === null ? stepSentence(model, scene.index) : pointSentence(model, this.telling);
    if (nodes.sentence.textContent !== sentence) nodes.sentence.textContent = sentence;
    this.paintTooltip();
    this.expose();
  }

  paintTooltip() {
    const { nodes, hover, model, theme } = this;
    if (!hover) {
      nodes.tooltip.hidden = true;
      return;
    }
    const lines = hover.kind === "point"
      ? pointLines(model, hover.index)
      : stepLines(model, hover.path, hover.index, hover.path.colours[theme.name]);
    showTooltip(nodes, lines, hover.x, hover.y);
  }

  setView(view) {
    this.view = view;
    this.hover = null;
    this.soon(true);
  }

  setIndex(index, reportAfter = null) {
    const { stepOf } = this.model;
    const bounded = Math.min(Math.max(index, Math.min(1, stepOf.length - 1)), stepOf.length - 1);
    this.chosen.cursor = Math.max(stepOf[bounded], 0);
    this.telling = null;
    this.soon(false);
    if (reportAfter !== null) this.reports.schedule(reportAfter);
  }

  choosePoint(index) {
    this.point = index;
    this.telling = index;
    this.soon(true);
  }

  movePoint(by) {
    const count = this.model.points.length;
    if (!count) return;
    const next = this.point === null ? (by > 0 ? 0 : count - 1) : Math.min(Math.max(this.point + by, 0), count - 1);
    this.choosePoint(next);
  }

  act(name, value) {
    if (!this.scene) return;
    const { index } = this;
    if (["first", "back", "forward", "last"].includes(name)) this.player.stop();
    const actions = {
      first: () => this.setIndex(1, 250),
      back: () => this.setIndex(index - 1, 250),
      forward: () => this.setIndex(index + 1, 250),
      last: () => this.setIndex(this.model.stepOf.length - 1, 250),
      play: () => this.togglePlay(),
      speed: () => (this.player.speed = Number(value)),
      depth: () => this.choose({ depth: value }, freshView(value)),
      colour: () => this.choose({ colour: value }, this.view),
      "zoom in": () => this.setView(zoomed(this.view, 1.25)),
      "zoom out": () => this.setView(zoomed(this.view, 0.8)),
      "zoom reset": () => this.setView(freshView(this.chosen.depth)),
      "turn left": () => this.setView(turned(this.view, -TURN, 0)),
      "turn right": () => this.setView(turned(this.view, TURN, 0)),
      "turn up": () => this.setView(turned(this.view, 0, -TURN)),
      "turn down": () => this.setView(turned(this.view, 0, TURN)),
      "point before": () => this.movePoint(-1),
      "point after": () => this.movePoint(1),
      close: () => this.choosePoint(null),
      "save png": () => savePng(this.sheet()),
      "save svg": () => saveSvg(this.sheet()),
    };
    actions[name]();
  }

  choose(change, view) {
    Object.assign(this.chosen, change);
    this.label();
    this.setView(view);
    this.reports.schedule(60);
  }

  sheet() {
    const { layout, scene, model } = this;
    const draw = (surface) => {
      drawPaths(surface, scene);
      drawCursor(surface, scene);
      if (layout.disc) drawDisc(surface, scene);
    };
    const { width, height } = layout;
    return { width, height, theme: this.theme, scale: this.scale, title: model.texts["picture title"], summary: model.summary, filename: model.filename, draw };
  }

  togglePlay() {
    if (this.player.playing) return this.player.stop();
    if (this.index >= this.model.stepOf.length - 1) this.setIndex(1);
    return this.player.start();
  }

  playOn(steps) {
    this.setIndex(this.index + steps);
    return this.index < this.model.stepOf.length - 1;
  }

  playingChanged() {
    this.labelPlay();
    if (!this.player.playing && this.scene) this.reports.schedule(60);
  }

  isFocused() {
    return this.root.getRootNode().activeElement === this.nodes.stage;
  }

  expose() {
    const { cursor, depth, colour } = this.chosen;
    const turn = `${this.view.yaw.toFixed(2)} ${this.view.pitch.toFixed(2)}`;
    const said = { revision: this.revision, cursor, depth, colour, turn, point: this.point ?? "", theme: this.theme.name };
    Object.assign(this.root.dataset, said);
  }

  testHook() {
    return {
      points: () => this.model.points.map(({ kind, answer, values }) => ({ kind, answer, values: [...values] })),
      pointAt: (index) => [...this.scene.onScreen.get("points").subarray(index * 3, index * 3 + 2)],
      placesOf: (name) => [...this.model.paths.find((path) => path.id === name).places],
      stepAt: (name, index) => [...this.scene.onScreen.get(this.model.paths.find((path) => path.id === name)).subarray(index * 3, index * 3 + 2)],
    };
  }
}

function placed({ place }, places) {
  const found = new Float32Array(places.length);
  for (let at = 0; at < places.length; at += 3) found.set(place(places, at), at);
  return found;
}
