// One picture of a ripple: what is changed in it, what becomes of that, and when to draw.

import { parseColour, cssColour, mixColours } from "../shared/colours.js";
import { showTooltip } from "../shared/dom.js";
import { closeMenu, wireKeys } from "../shared/keys.js";
import { LivePicture, placeOn } from "../shared/live.js";
import { Reports } from "../shared/reports.js";
import { savePng, saveSvg } from "../shared/sheet.js";
import { CanvasSurface } from "../shared/surface.js";
import { together } from "../shared/text.js";
import { Chain } from "./chain.js";
import { buildElements, labelElements, showChosen } from "./elements.js";
import { computeLayout, xToStep } from "./layout.js";
import { emptyOutcome, fateOf, NAMES, outcomeOf } from "./outcome.js";
import { resolveRipple } from "./payload.js";
import { drawMarks, drawPicture, paintImage } from "./picture.js";
import { hoverLines, rippleSentence, symbolOf } from "./words.js";

const KEYS = {
  ArrowLeft: "back",
  ArrowRight: "forward",
  Home: "first",
  End: "last",
  ArrowUp: "more",
  ArrowDown: "less",
};
const FIELDS = ["step", "symbol", "number", "by", "kind"];

export class Ripples extends LivePicture {
  constructor(root) {
    super(root, buildElements(root, (name, value) => this.act(name, value)));
    this.reports = new Reports(() => ({ ...this.chosen }));
    this.chosen = {};
    this.serial = null;
    this.drag = null;
    this.wire();
    wireKeys(this, KEYS);
    root.gatescope = this.testHook();
  }

  destroy() {
    this.reports.stop();
    super.destroy();
  }

  update(component) {
    this.reports.component = component;
    super.update(component);
  }

  adopt(model, resolve) {
    resolveRipple(model, resolve);
    const { command } = model;
    if (this.serial === null) {
      Object.assign(this.chosen, command.set);
      this.reports.knows(command.set);
    } else if (command.serial !== this.serial) {
      const fields = command.serial === this.serial + 1 ? command.changed : FIELDS;
      for (const field of fields) this.chosen[field] = command.set[field];
      this.reports.doubts(fields);
    }
    this.serial = command.serial;
    this.chosen.step = Math.min(this.chosen.step, model.steps - 1);
    this.chosen.number = Math.min(this.chosen.number, Math.max(model.inputNames.length - 1, 0));
    // The same numbers again, under other words: what was computed holds.
    if (!model.live) this.chain = null;
    else if (this.source !== model.source) this.chain = new Chain(model.live);
    this.source = model.source;
    this.revision += 1;
    this.compute();
  }

  // What becomes of the change, here where the numbers are, else as the server has said.
  compute() {
    const { model, chain, chosen } = this;
    const share = chosen.kind === "nudge" ? model.share : 1;
    if (chain) {
      chain.change(chosen.step, this.changedRow(share));
      this.outcome = outcomeOf(chain, { layer: model.layer, reach: model.reach, share });
    } else {
      this.outcome = { ...(model.recorded ?? emptyOutcome(model)), at: () => null };
    }
    const wanted = JSON.stringify(FIELDS.map((field) => chosen[field]));
    this.pending = !chain && JSON.stringify(model.recorded?.of) !== wanted;
    const step = chain ? chosen.step : (model.recorded?.step ?? 0);
    this.fate = fateOf(this.outcome, { step, reverse: model.reverse, gone: model.gone });
  }

  // The row that the changed step reads: all of the way to the other one, or a small share of it.
  changedRow(share) {
    const { model, chain, chosen } = this;
    const row = Float64Array.from(chain.rowOf(chosen.step));
    if (!model.choices.length) {
      row[chosen.number] += share * chosen.by;
      return row;
    }
    const index = symbolOf(model, chosen);
    const place = model.choices.findIndex(([each]) => each === index);
    const { inputs } = model;
    return row.map((value, i) => value + share * ((model.rows ? model.rows[place * inputs + i] : Number(i === index)) - value));
  }

  draw(width) {
    const { nodes, model, theme, scale, outcome } = this;
    labelElements(nodes, model);
    showChosen(nodes, model, this.chosen);
    const surface = new CanvasSurface(nodes.base, theme.font);
    const ways = NAMES.map((name) => ({ name, text: model.texts[`way ${name}`] }));
    const outside = nodes.toolbar.offsetHeight + 34;
    this.layout = computeLayout({
      width,
      height: model.height ? model.height - outside : null,
      model,
      hasAnswer: model.readout.kind !== "none",
      ways,
      measure: (text, size, weight) => surface.measure(text, size, weight),
    });
    nodes.stage.style.height = `${this.layout.height}px`;
    surface.begin(width, this.layout.height, scale);
    this.image = paintImage(outcome, model, theme, this.image);
    drawPicture(surface, this.scene);
    this.drawMarks();
  }

  get scene() {
    const { model, layout, theme, outcome, fate, chosen, image, scale, pending } = this;
    const soft = Object.fromEntries(
      NAMES.map((name) => [name, cssColour(mixColours(parseColour(model.colours[name]), theme.paperRgb, 0.35))]),
    );
    return { model, layout, theme, outcome, fate, chosen, image, scale, pending, soft };
  }

  drawMarks() {
    const { nodes, layout, scale, theme, hover } = this;
    const { scene } = this;
    const surface = new CanvasSurface(nodes.over, theme.font);
    surface.begin(layout.width, layout.height, scale);
    drawMarks(surface, scene, this.drag ? null : hover);
    const sentence = rippleSentence(scene);
    if (nodes.sentence.textContent !== sentence) nodes.sentence.textContent = sentence;
    nodes.sentence.setAttribute("aria-live", this.drag ? "off" : "polite");
    if (hover && !this.drag) showTooltip(nodes, hoverLines(scene, hover), hover.x, hover.y);
    else nodes.tooltip.hidden = true;
    Object.assign(this.root.dataset, {
      revision: this.revision,
      step: this.chosen.step,
      live: Boolean(this.chain),
      pending: this.pending,
      died: this.fate.died ?? "",
      theme: theme.name,
    });
  }

  // Another choice; `after` says in how many milliseconds the page is told, null while the hand is on it.
  choose(changes, after = 250) {
    Object.assign(this.chosen, changes);
    this.chosen.step = Math.min(Math.max(this.chosen.step, 0), this.model.steps - 1);
    this.due = true;
    this.soon(true);
    if (after !== null) this.reports.schedule(after);
  }

  relayout() {
    if (this.due) {
      this.due = false;
      this.compute();
    }
    super.relayout();
  }

  act(name, value) {
    if (!this.layout) return;
    const { step } = this.chosen;
    const actions = {
      first: () => this.choose({ step: 0 }),
      back: () => this.choose({ step: step - 1 }),
      forward: () => this.choose({ step: step + 1 }),
      last: () => this.choose({ step: this.model.steps - 1 }),
      symbol: () => this.choose({ symbol: Number(value) }),
      number: () => this.choose({ number: Number(value) }),
      by: () => this.choose({ by: value }, 400),
      kind: () => this.choose({ kind: value }),
      more: () => this.turn(1),
      less: () => this.turn(-1),
      "save png": () => savePng(this.sheet()),
      "save svg": () => saveSvg(this.sheet()),
    };
    actions[name]();
  }

  // The next symbol of the list, or a little more of the number.
  turn(by) {
    const { model, chosen } = this;
    const { choices } = model;
    if (choices.length) {
      const place = choices.findIndex(([index]) => index === symbolOf(model, chosen));
      this.choose({ symbol: choices[(place + by + choices.length) % choices.length][0] });
      return;
    }
    const [low, high, step] = model.by;
    const next = Math.min(Math.max(chosen.by + by * step, low), high);
    this.nodes.slider.value = next;
    this.choose({ by: Number(next.toFixed(2)) });
  }

  wire() {
    const { stage } = this.nodes;
    const placeOf = (event) => {
      const at = placeOn(stage, event);
      const { layout, model } = this;
      const { heat, plot } = layout;
      const inside = at.x >= plot.left && at.x <= plot.left + plot.width;
      const within = at.y >= heat.top && at.y < heat.top + heat.height;
      const unit = within ? Math.min(Math.floor(((at.y - heat.top) / heat.height) * model.units), model.units - 1) : null;
      return { ...at, inside, unit, step: xToStep(layout, model.steps, at.x), reading: at.y < layout.head.height };
    };
    stage.onpointerdown = (event) => {
      if (!this.layout || event.button > 0) return;
      closeMenu(this.nodes);
      const at = placeOf(event);
      if (!at.inside && !at.reading) return;
      // A finger on the map reads it; on the symbols, or with a mouse anywhere, it changes another step.
      if (event.pointerType === "touch" && !at.reading) return;
      stage.setPointerCapture(event.pointerId);
      this.drag = event.pointerId;
      this.choose({ step: at.step }, null);
    };
    stage.onpointermove = (event) => {
      if (!this.layout) return;
      const at = placeOf(event);
      if (this.drag === event.pointerId) {
        if (at.step !== this.chosen.step) this.choose({ step: at.step }, null);
        return;
      }
      this.setHover(at.inside && at.y >= this.layout.heat.top && at.y <= this.layout.axis.top ? at : null);
    };
    const done = () => {
      if (this.drag === null) return;
      this.drag = null;
      this.reports.schedule(60);
      this.soon(false);
    };
    stage.onpointerup = (event) => {
      if (this.drag === null && event.pointerType === "touch" && this.layout) this.choose({ step: placeOf(event).step });
      done();
    };
    stage.onpointercancel = done;
    stage.onlostpointercapture = done;
    stage.onpointerleave = (event) => event.pointerType !== "touch" && this.setHover(null);
    stage.onblur = () => this.setHover(null);
  }

  // What is saved: what is seen, with its title.
  sheet() {
    const { layout, model, theme, scale, nodes, scene } = this;
    const { texts, filename } = model;
    const summary = together([model.summary, nodes.sentence.textContent]);
    const draw = (surface) => {
      drawPicture(surface, scene);
      drawMarks(surface, scene, null);
    };
    return { width: layout.width, height: layout.height, theme, scale, title: texts["picture title"], summary, filename, draw };
  }

  // Functions that tests call.
  testHook() {
    return {
      sizes: () => [...this.outcome.size],
      parts: () => Object.fromEntries(NAMES.map((name) => [name, [...this.outcome.sizes[name]]])),
      fate: () => this.fate,
      moved: () => this.outcome.answer && [...this.outcome.answer.moved],
      at: (unit, step) => this.outcome.at(unit, step),
      stepAt: (step) => ({ x: this.layout.plot.left + ((step + 0.5) / this.model.steps) * this.layout.plot.width, y: this.layout.head.labels }),
    };
  }
}
