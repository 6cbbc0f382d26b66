// When and what of the cell is drawn: everything for a new size or theme, otherwise only what a step changes.

import { cssColour, mixColours, readTheme } from "../shared/colours.js";
import { CanvasSurface } from "../shared/surface.js";
import { Arithmetic } from "./arithmetic.js";
import { cellSentence, conventionNote, rippleSentence } from "./words.js";
import { otherReset, renamedApart } from "./conventions.js";
import { Diagram, colourTable } from "./diagram.js";
import { Equations } from "./equations.js";
import { StepNumbers } from "./frame.js";
import { InputBox } from "./input.js";
import { WIDE, cellLayout } from "./layout.js";
import { Readout, readoutHeight } from "./readout.js";
import { ripple } from "./ripple.js";
import { STRIPS, StripImages, drawCursorMark, drawStrips, showLegend, stepAtX, stripLayout } from "./strips.js";
import { terms } from "./sums.js";
import { wireGateKeys } from "./touch.js";

const TWEEN = 170;
const SOFT_SPEED = 8;
// Pixels: the least that the parts take side by side, and what a page has above them.
const LEAST_HEIGHT = 590;
const ABOVE = 178;
const ENGINE_NAME = { R: "R", Z: "Z", H_tilde: "Hc" };

// The model with what is drawn of it: labels and colours of its symbols, how far its inputs reach, how many weights.
export function describeModel(model) {
  const ofSymbols = (pick) => Object.fromEntries(Object.entries(model.symbolColours).map(([name, symbol]) => [name, pick(symbol)]));
  const inputRange = model.x.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  const weightCount = model.weights ? Object.values(model.weights).reduce((sum, array) => sum + array.length, 0) : null;
  return Object.assign(model, { symbolLabels: ofSymbols(({ label }) => label), inks: ofSymbols(({ colour }) => colour), inputRange, weightCount });
}

export class Painter {
  constructor(cell) {
    this.cell = cell;
    this.frame = null;
    this.stale = {};
    this.tween = null;
    this.costs = [];
    this.equations = new Equations(cell.nodes.equations);
    this.arithmetic = new Arithmetic(cell.nodes.panel, (name, value) => cell.act(name, value));
    this.inputBox = new InputBox(cell.nodes.inputBox, (name, value) => cell.act(name, value));
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    wireEquations(cell);
  }

  stop() {
    cancelAnimationFrame(this.frame);
  }

  // Another model.
  adopt() {
    const { model } = this.cell;
    this.target = new StepNumbers(model);
    this.shown = new StepNumbers(model);
    this.from = new StepNumbers(model);
    this.images = new StripImages(model);
    this.painted = 0;
    this.tween = null;
    this.diagram = null;
  }

  // Another theme, depth, convention or symbol: the drawing is built again.
  restyle() {
    const theme = readTheme(this.cell.root);
    theme.panel = cssColour(mixColours(theme.paperRgb, theme.textRgb, theme.dark ? 0.05 : 0.025));
    theme.boxFill = cssColour(mixColours(theme.paperRgb, theme.textRgb, theme.dark ? 0.1 : 0.06));
    this.theme = theme;
    this.diagram = null;
    this.painted = 0;
    this.relayout();
  }

  relayout() {
    const { cell } = this;
    const { nodes, model } = cell;
    const width = nodes.stage.clientWidth;
    if (!model || !this.theme || width < 40) return;
    const wide = width >= WIDE;
    cell.root.dataset.wide = String(wide);
    cell.root.dataset.depth = cell.depth;
    const height = wide ? this.stageHeight() : 0;
    this.layout = cellLayout({ width, height, mode: model.resetMode, zMeans: cell.chosen.z_means, answers: readoutHeight(model), depth: cell.depth });
    nodes.stage.style.height = `${this.layout.height}px`;
    this.diagram = new Diagram(nodes.drawing, { layout: this.layout, model, theme: this.theme, updates: cell.updates });
    this.readout = new Readout(this.diagram.outer, { layout: this.layout, model, theme: this.theme, colour: model.inks.H });
    this.inputBox.build(model, this.layout, cell);
    this.describeGates();
    this.placePanel();
    const how = this.how();
    this.equations.write(how, this.diagram.colours);
    const available = nodes.timeline.clientWidth;
    this.strips = stripLayout({ width: available, height: this.stripHeight(wide), wide, hasRipple: cell.rippling });
    nodes.timeline.style.height = `${this.strips.height}px`;
    this.soon({ step: true, strips: true, notes: true });
    this.light();
    this.press();
  }

  // The drawing takes what the other parts leave of the height.
  stageHeight() {
    const { nodes, model } = this.cell;
    const others = ["toolbar", "equations", "conventions", "sentence"].reduce((sum, name) => sum + (nodes[name].hidden ? 0 : nodes[name].offsetHeight), 0);
    const strips = nodes.timeline.hidden ? 0 : this.stripHeight(true);
    const whole = model.height ?? Math.max(LEAST_HEIGHT, globalThis.innerHeight - ABOVE);
    return Math.max(whole - others - strips - 16, 230);
  }

  stripHeight(wide) {
    const { model } = this.cell;
    const spare = model.height ? 0 : Math.max(globalThis.innerHeight - ABOVE - LEAST_HEIGHT, 0);
    const lane = this.cell.rippling ? 34 : 0;
    if (wide && model.height && model.height < LEAST_HEIGHT) return 108 + lane;
    return (wide ? 128 + Math.min(spare * 0.25, 90) : 170) + lane;
  }

  how() {
    const { chosen, model, updates } = this.cell;
    const other = model.resetMode === "before" ? "after" : "before";
    return { updates, reset: chosen.shows_reset === "own" ? model.resetMode : other };
  }

  // The panel of the arithmetic opens over the frame of the cell.
  placePanel() {
    const { nodes } = this.cell;
    const { frame, wide } = this.layout;
    const opens = this.cell.depth === "arithmetic";
    const part = this.layout.vectors[this.cell.opened];
    if (opens) nodes.panel.style.transformOrigin = `${part.x + part.w / 2 - frame.x}px ${part.y + part.h / 2 - frame.y}px`;
    nodes.panel.hidden = !opens;
    nodes.badge.style.top = wide ? `${this.layout.vectors.H_prev.y + this.layout.vectors.H_prev.h + 40 * this.layout.grown}px` : "";
    const place = wide ? { left: frame.x, top: frame.y, width: frame.w, height: frame.h } : { left: 0, top: frame.y, width: this.layout.width, height: null };
    for (const [name, value] of Object.entries(place)) nodes.panel.style[name] = value === null ? "auto" : `${value}px`;
  }

  describeGates() {
    const { cell, diagram } = this;
    for (const gate of ["R", "Z"]) {
      for (const [node, all] of [[diagram.vectors[gate].node, false], [diagram.grips[gate], true]]) {
        if (!node) continue;
        node.setAttribute("tabindex", "0");
        node.setAttribute("role", "slider");
        node.setAttribute("aria-valuemin", "0");
        node.setAttribute("aria-valuemax", "1");
        wireGateKeys(cell, node, gate, all);
      }
    }
  }

  // Something was computed: what is drawn of it may be old.
  changed() {
    this.painted = Math.min(this.painted, 0);
    this.soon({ step: true, strips: true, notes: true });
  }

  // Draws at the next frame what is named.
  soon(what) {
    Object.assign(this.stale, what);
    if (this.frame !== null || !this.layout) return;
    this.frame = requestAnimationFrame((now) => this.paint(now));
  }

  paint(now) {
    const began = performance.now();
    this.frame = null;
    const { cell, stale, diagram } = this;
    if (!diagram || !cell.engine) return;
    this.stale = {};
    if (stale.step) this.aim(stale.tween && this.isSoft(), now);
    this.advanceTween(now);
    diagram.draw(this.shown, cell.chosen.unit, cell.input);
    if (stale.strips) this.paintStrips();
    if (stale.step) this.paintStep();
    if (stale.step || stale.strips) this.paintCursor();
    if (stale.notes) this.paintNote();
    if (this.tween) this.soon({});
    cell.expose();
    this.costs.push([began, performance.now() - began]);
    if (this.costs.length > 600) this.costs.shift();
  }

  isSoft() {
    const { player } = this.cell;
    return !this.calm.matches && !(player.playing && player.speed > SOFT_SPEED);
  }

  aim(soft, now) {
    const { cell } = this;
    this.target.fill(cell.engine, cell.t, cell.updates);
    if (!soft) {
      this.tween = null;
      this.shown.copy(this.target);
      return;
    }
    this.from.copy(this.shown);
    this.tween = { start: now };
  }

  advanceTween(now) {
    if (!this.tween) return;
    const share = Math.min((now - this.tween.start) / TWEEN, 1);
    // Fast first, then settling.
    this.shown.between(this.from, this.target, 1 - (1 - share) ** 3);
    if (share >= 1) this.tween = null;
  }

  // Words and numbers of the step; they do not pass through values that are nobody's.
  paintStep() {
    const { cell } = this;
    const { model, engine, chosen, t } = cell;
    const { unit } = chosen;
    this.readout.draw(engine, t);
    this.inputBox.show(cell);
    const at = t * model.units + unit;
    const state = { z: engine.Z[at], previous: engine.previous(t, unit), candidate: engine.Hc[at], state: engine.H[at] };
    if (model.weights) {
      const found = Object.fromEntries(Object.entries(ENGINE_NAME).map(([name, gate]) => [name, terms(engine, gate, t, unit)]));
      const how = this.how();
      if (!cell.nodes.equations.hidden) this.equations.fill(found, state, how, model.texts, model.resetMode);
      if (chosen.depth === "arithmetic") this.paintArithmetic(found, state, how);
    }
    const held = Math.abs(engine.Z[at] - engine.ZP[at]) > 1e-9;
    const carried = cell.rippling ? this.carried : null;
    const sentence = carried ? rippleSentence({ model, chosen, carried, t }) : cellSentence({ model, engine, chosen, t, state, held });
    if (cell.nodes.sentence.textContent !== sentence) cell.nodes.sentence.textContent = sentence;
    this.sayGates();
  }

  paintArithmetic(found, state, how) {
    const { cell } = this;
    const { model, chosen } = cell;
    const name = cell.opened;
    const colours = this.diagram.colours;
    const outside = name === "H_tilde" && model.resetMode === "after";
    this.arithmetic.fill({
      name,
      model,
      colours,
      texts: model.texts,
      how,
      state,
      unit: chosen.unit,
      step: chosen.step,
      turn: how.updates && name === "Z" ? -1 : 1,
      most: this.layout.wide ? Math.max(Math.floor((this.layout.frame.h - 112) / 25), 4) : 6,
      weights: { x: "x", h: "h" },
      sums: name === "H_tilde" ? model.resetMode : "gate",
      names: {
        x: (index) => model.inputNames[index] ?? String(index),
        h: (index) => String(index),
      },
      found: found[name] && { ...found[name], outside, activation: cell.engine.activate },
    });
    // One below the other, the lists may need more room than the drawing.
    const { stage, panel } = cell.nodes;
    const least = this.layout.frame.y + panel.offsetHeight + 8;
    if (!this.layout.wide) stage.style.height = `${Math.max(this.layout.height, least)}px`;
  }

  sayGates() {
    const { cell, diagram, target } = this;
    const { texts } = cell.model;
    if (cell.player.playing) return;
    for (const gate of ["R", "Z"]) {
      const name = texts[`name_${gate}`];
      const one = [diagram.vectors[gate].node, target[gate][cell.chosen.unit], texts.gate_slider];
      const all = [diagram.grips[gate], cell.meanOf(gate), texts.gate_slider_all];
      for (const [node, value, label] of [one, all]) {
        if (!node) continue;
        node.setAttribute("aria-valuenow", value.toFixed(2));
        node.setAttribute("aria-label", label.replace("{gate}", name).replace("{unit}", cell.chosen.unit));
      }
    }
    const { timeline, sentence } = cell.nodes;
    timeline.setAttribute("aria-valuemin", String(cell.model.first));
    timeline.setAttribute("aria-valuemax", String(cell.model.first + cell.model.steps - 1));
    timeline.setAttribute("aria-valuenow", String(cell.chosen.step));
    timeline.setAttribute("aria-valuetext", sentence.textContent);
  }

  get tables() {
    const { colours } = this.cell.model;
    return Object.fromEntries(Object.entries(colours).map(([name, themes]) => [name, colourTable(themes[this.theme.name])]));
  }

  get stripScene() {
    const { cell } = this;
    const { model } = cell;
    return {
      layout: this.strips,
      steps: model.steps,
      labels: model.labels,
      theme: this.theme,
      wide: this.layout.wide,
      colours: this.diagram.colours,
      symbolColours: model.inks,
      symbolLabels: model.symbolLabels,
      images: this.images.images,
      carried: this.carried,
    };
  }

  paintStrips() {
    const { cell, strips, theme } = this;
    const rippling = cell.rippling && cell.before !== null;
    this.carried = rippling && cell.engine.done === cell.engine.steps ? ripple(cell.engine, cell.before) : null;
    if (cell.nodes.timeline.hidden) return;
    this.images.paint(cell.engine, { tables: this.tables, updates: cell.updates, recorded: rippling ? cell.before : null });
    const surface = new CanvasSurface(cell.nodes.base, theme.font);
    surface.begin(strips.width, strips.height, globalThis.devicePixelRatio || 1);
    drawStrips(surface, this.stripScene);
  }

  paintCursor() {
    const { cell, strips, theme } = this;
    if (cell.nodes.timeline.hidden) return;
    const surface = new CanvasSurface(cell.nodes.over, theme.font);
    surface.begin(strips.width, strips.height, globalThis.devicePixelRatio || 1);
    drawCursorMark(surface, this.stripScene, cell.t, cell.chosen.unit, cell.model.units);
  }

  paintNote() {
    const { cell } = this;
    const { model, chosen, engine } = cell;
    const ready = cell.before !== null && engine.done === engine.steps && model.weights;
    const renamed = ready && chosen.z_means === "updates" ? renamedApart(engine) : null;
    const other = ready && chosen.shows_reset === "other" ? otherReset(engine) : null;
    const note = conventionNote({ model, chosen, renamed, other, t: cell.t });
    if (cell.rippling) showLegend(cell.nodes.note, model);
    else if (cell.nodes.note.textContent !== note) cell.nodes.note.textContent = note;
    this.press();
  }

  press() {
    if (this.cell.edits) this.cell.pressAll();
  }

  light() {
    const { cell } = this;
    // In the arithmetic a pinned symbol is the one that is opened, and what it is made of stays lit.
    const pinned = cell.depth === "arithmetic" ? "" : cell.chosen.lit;
    cell.root.dataset.lights = cell.pointed || pinned || "";
    cell.root.dataset.pinned = String(Boolean(cell.chosen.lit));
  }

  stepAt(x) {
    return stepAtX(this.strips, this.cell.model.steps, x);
  }

  stripAt(y) {
    const row = this.strips?.rows.find((each) => y >= each.y && y <= each.y + each.h);
    return row ? STRIPS.find(({ name }) => name === row.name).name : "";
  }
}

function wireEquations(cell) {
  const { equations } = cell.nodes;
  const symbolOf = (event) => event.target.closest(".symbol")?.dataset.symbol ?? event.target.closest("[data-symbol]")?.dataset.symbol ?? "";
  equations.onpointermove = (event) => cell.point(symbolOf(event));
  equations.onpointerleave = () => cell.point("");
  equations.onclick = (event) => symbolOf(event) && cell.act("pin", symbolOf(event));
}
