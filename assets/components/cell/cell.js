// One cell on the page: what it computes, what is chosen in it, and what a person does to it. How it is drawn is
// in painter.js.

import { fillIn } from "../shared/text.js";
import { nameButton } from "../shared/dom.js";
import { setIcon } from "../shared/icons.js";
import { wireKeys } from "../shared/keys.js";
import { Player } from "../shared/player.js";
import { Reports } from "../shared/reports.js";
import { buildCellElements, labelCellElements, pressSegment, pressToggle } from "./elements.js";
import { SLICE_OPERATIONS } from "./engine.js";
import { hookOf } from "./hook.js";
import { Painter, describeModel } from "./painter.js";
import { decodeCell, engineOf, farthest } from "./payload.js";
import { saveCell } from "./save.js";
import { CELL_KEYS, wireDrawing, wireTimeline } from "./touch.js";

// What people had, by key: a picture that Streamlit takes down and puts up again goes on where it was.
const MEMORY = new Map();
const WEIGHTS = { R: ["xr", "hr"], Z: ["xz", "hz"], H_tilde: ["xh", "hh"] };

export class Cell {
  constructor(root) {
    this.root = root;
    this.nodes = buildCellElements(root, (name, value) => this.act(name, value));
    this.reports = new Reports(() => this.choices());
    this.player = new Player((steps) => this.playOn(steps), () => this.playingChanged());
    this.player.speed = 3;
    this.chosen = {};
    this.revision = 0;
    this.frame = null;
    this.scope = "step";
    this.rippling = false;
    this.input = 0;
    this.pointed = "";
    this.opened = "Z";
    this.painter = new Painter(this);
    wireDrawing(this);
    wireTimeline(this);
    wireKeys(this, CELL_KEYS, this.nodes.timeline);
    this.resized = new ResizeObserver(() => this.painter.relayout());
    this.resized.observe(this.nodes.stage);
    this.onHidden = () => document.hidden && this.player.stop();
    document.addEventListener("visibilitychange", this.onHidden);
    this.onMoved = () => this.painter.relayout();
    globalThis.addEventListener("resize", this.onMoved);
    root.gatescope = hookOf(this);
  }

  destroy() {
    if (this.model) {
      const { scope, rippling, opened } = this;
      MEMORY.set(this.model.key, { chosen: this.choices(), serial: this.serial, known: this.reports.known, scope, rippling, opened, speed: this.player.speed });
    }
    this.player.stop();
    this.reports.stop();
    this.resized.disconnect();
    cancelAnimationFrame(this.frame);
    this.painter.stop();
    document.removeEventListener("visibilitychange", this.onHidden);
    globalThis.removeEventListener("resize", this.onMoved);
  }

  // New data, or the same under another theme.
  update(component) {
    this.reports.component = component;
    if (component.data !== this.bytes) {
      this.bytes = component.data;
      this.adopt(decodeCell(component.data));
      this.revision += 1;
    }
    labelCellElements(this.nodes, this.model, { speed: this.player.speed, unit: this.chosen.unit });
    this.labelPlay();
    this.painter.restyle();
    this.compute();
  }

  // Takes over a new model and keeps what still makes sense of what the person had chosen.
  adopt(model) {
    const before = this.model;
    const { command, source } = model;
    const memory = before ? null : MEMORY.get(model.key);
    const kept = before ? this.choices() : null;
    // The same numbers with other words or orders: what was made of them stays.
    this.model = before?.source === source ? Object.assign(before, model) : model;
    describeModel(this.model);
    if (memory && memory.serial === command.serial) {
      const { scope, rippling, opened, chosen, known, speed } = memory;
      Object.assign(this, { scope, rippling, opened, chosen: { ...chosen } });
      this.player.speed = speed;
      this.reports.knows(known);
    } else if (!before) {
      this.chosen = { ...command.set };
      this.reports.knows(command.set);
    } else {
      this.chosen = kept;
      if (command.serial !== this.serial) {
        const fields = command.serial === this.serial + 1 ? command.changed : Object.keys(command.set);
        for (const field of fields) this.chosen[field] = command.set[field];
        this.reports.doubts(fields);
      }
    }
    this.serial = command.serial;
    if (WEIGHTS[this.chosen.lit] || this.chosen.lit === "H") this.opened = this.chosen.lit;
    if (before !== this.model) this.prepare();
    else if (this.before && this.edits.pack() !== this.chosen.edits) this.edits.load(this.chosen.edits);
  }

  // Another layer, input or setting: a new engine, which first computes what there is without any edit.
  prepare() {
    const { model } = this;
    Object.assign(this, engineOf(model), { before: null });
    const { first, steps, units, inputs } = model;
    this.chosen.step = Math.min(Math.max(this.chosen.step, first), first + steps - 1);
    this.chosen.unit = Math.min(this.chosen.unit, units - 1);
    this.input = Math.min(this.input, inputs - 1);
    this.painter.adopt();
  }

  choices() {
    return { ...this.chosen, edits: this.before ? this.edits.pack() : this.chosen.edits };
  }

  get t() {
    return this.chosen.step - this.model.first;
  }

  get atFirst() {
    return this.t === this.engine.first && (this.engine.reverse || this.model.first === 0);
  }

  get isSymbolic() {
    return this.model.symbols.length > 0;
  }

  get isTouchable() {
    return this.model.touch === "on" && this.before !== null && this.model.controls.includes("touch");
  }

  // Without the weights there is no arithmetic to show.
  get depth() {
    return this.chosen.depth === "arithmetic" && !this.model.weights ? "gates" : this.chosen.depth;
  }

  get updates() {
    return this.chosen.z_means === "updates";
  }

  // As much as fits into a frame; the rest with the next ones.
  compute() {
    cancelAnimationFrame(this.frame);
    this.frame = null;
    let done = this.engine.advance(SLICE_OPERATIONS);
    if (done && !this.before) {
      this.before = this.engine.snapshot();
      this.apart = farthest(this.engine, this.model.recorded);
      if (this.edits.load(this.chosen.edits)) done = this.engine.advance(SLICE_OPERATIONS);
    }
    this.painter.changed();
    this.expose();
    if (!done) this.frame = requestAnimationFrame(() => this.compute());
  }

  // An edit of the person's, of a drag that has a name if there is one.
  edit(edit, drag = null) {
    const first = this.edits.add(edit, drag);
    return this.edited(first);
  }

  edited(first) {
    if (first === null) return false;
    this.compute();
    this.report(250);
    return true;
  }

  // A value that follows a pointer or a key; what: { kind, gate, units | index | unit }.
  setValue({ kind, gate, units, index, unit }, value, drag) {
    const { t } = this;
    if (kind === "gate") {
      const within = Math.min(Math.max(value, 0), 1);
      const on = this.engine.reverse ? [0, t + 1] : [t, this.model.steps];
      const steps = this.scope === "on" ? on : [t, t + 1];
      this.edit({ kind, gate, steps, units, value: gate === "Z" && this.updates ? 1 - within : within }, drag);
    } else if (kind === "x") this.edit({ kind, step: t, index, value }, drag);
    else if (kind === "h0") this.edit({ kind, unit, value: Math.min(Math.max(value, -1), 1) }, drag);
  }

  // A number as it is shown once everything is drawn: of R, Z, X or H_prev at this step.
  valueOf(name, index) {
    const { engine, t, updates } = this;
    if (name === "X") return engine.X[t * engine.inputs + index];
    if (name === "H_prev") return engine.previous(t, index);
    const value = engine[name][t * engine.units + index];
    return name === "Z" && updates ? 1 - value : value;
  }

  // The mean of a gate over all units.
  meanOf(gate) {
    const { units } = this.model;
    let sum = 0;
    for (let unit = 0; unit < units; unit += 1) sum += this.valueOf(gate, unit);
    return sum / units;
  }

  get diagram() {
    return this.painter.diagram;
  }

  get layout() {
    return this.painter.layout;
  }

  get strips() {
    return this.painter.strips;
  }

  chooseEntry(part, entry) {
    if (part === "X") this.input = entry;
    else this.chosen.unit = entry;
    this.painter.soon({ step: true });
  }

  // A symbol under the pointer lights up wherever it stands; pinned, it stays.
  point(symbols) {
    const symbol = symbols.split(" ")[0].replace("cell", "");
    if (symbol === this.pointed) return;
    this.pointed = symbol;
    this.painter.light();
  }

  grab(held) {
    this.root.dataset.grabbed = String(held);
  }

  report(delay) {
    this.reports.schedule(delay);
  }

  setStep(step, reportAfter = null) {
    const { first, steps } = this.model;
    const within = Math.min(Math.max(step, first), first + steps - 1);
    if (within !== this.chosen.step) {
      this.chosen.step = within;
      this.painter.soon({ step: true, tween: true });
    }
    if (reportAfter !== null) this.report(reportAfter);
  }

  scrubTo(x) {
    this.setStep(this.painter.stepAt(x) + this.model.first);
  }

  stripAt(y) {
    return this.painter.stripAt(y);
  }

  act(name, value) {
    if (!this.model) return;
    const { chosen, model } = this;
    const last = model.first + model.steps - 1;
    if (["first", "back", "forward", "last"].includes(name)) this.player.stop();
    const choose = (field, next) => {
      chosen[field] = next;
      this.painter.restyle();
      this.report(60);
    };
    const actions = {
      first: () => this.setStep(model.first, 250),
      back: () => this.setStep(chosen.step - 1, 250),
      forward: () => this.setStep(chosen.step + 1, 250),
      last: () => this.setStep(last, 250),
      play: () => this.togglePlay(),
      speed: () => (this.player.speed = Number(value)),
      depth: () => choose("depth", value),
      unit: () => {
        chosen.unit = Math.min(Math.max(Number(value), 0), model.units - 1);
        this.painter.soon({ step: true });
        this.report(200);
      },
      open: () => {
        this.opened = value;
        choose("lit", value);
      },
      pin: () => {
        if (value in WEIGHTS || value === "H") this.opened = value;
        choose("lit", chosen.lit === value ? "" : value);
      },
      "let go": () => this.letGo(),
      z_means: () => choose("z_means", value),
      shows_reset: () => choose("shows_reset", value === model.resetMode ? "own" : "other"),
      scope: () => {
        this.scope = value;
        this.painter.press();
      },
      undo: () => this.edited(this.edits.undo()),
      redo: () => this.edited(this.edits.redo()),
      reset: () => this.edited(this.edits.clear()),
      ripple: () => {
        this.rippling = !this.rippling;
        this.painter.relayout();
      },
      weight: () => {
        const [x, h] = WEIGHTS[this.opened];
        const weight = value.name === "x" ? x : h;
        this.edit({ kind: "weight", name: weight, row: value.row, col: chosen.unit, value: value.value }, `weight ${weight} ${value.row} ${chosen.unit}`);
      },
      symbol: () => this.edit({ kind: "symbol", step: this.t, symbol: Number(value) }),
      input: () => this.chooseEntry("X", Number(value)),
      "input value": () => this.edit({ kind: "x", step: this.t, index: this.input, value }, `typed ${this.t} ${this.input}`),
      "save png": () => saveCell(this, "png"),
      "save svg": () => saveCell(this, "svg"),
    };
    actions[name]();
  }

  // Escape: first what is pinned, then the depth.
  letGo() {
    if (this.chosen.lit) return this.act("pin", this.chosen.lit);
    if (this.depth === "arithmetic") return this.act("depth", "gates");
    return undefined;
  }

  togglePlay() {
    if (this.player.playing) return this.player.stop();
    const { first, steps } = this.model;
    if (this.chosen.step >= first + steps - 1) this.setStep(first);
    return this.player.start();
  }

  playOn(steps) {
    this.setStep(this.chosen.step + steps);
    return this.chosen.step < this.model.first + this.model.steps - 1;
  }

  playingChanged() {
    if (!this.model) return;
    this.labelPlay();
    this.painter.soon({ step: true });
    if (!this.player.playing) this.report(60);
  }

  labelPlay() {
    const { playing } = this.player;
    setIcon(this.nodes.buttons.play, playing ? "pause" : "play");
    nameButton(this.nodes.buttons.play, this.model.texts[playing ? "pause" : "play"]);
    // A screen reader would read every step of a film.
    this.nodes.sentence.setAttribute("aria-live", playing ? "off" : "polite");
    this.root.dataset.playing = String(playing);
  }

  // What the buttons say, after anything changed.
  pressAll() {
    const { nodes, chosen, edits, model } = this;
    pressSegment(nodes, "depth", this.depth);
    nodes.segments.depth.buttons.arithmetic.disabled = !model.weights;
    pressSegment(nodes, "z_means", chosen.z_means);
    const other = model.resetMode === "before" ? "after" : "before";
    pressSegment(nodes, "shows_reset", chosen.shows_reset === "own" ? model.resetMode : other);
    pressSegment(nodes, "scope", this.scope);
    pressToggle(nodes, "ripple", this.rippling);
    const count = edits.groups.length;
    nodes.buttons.undo.disabled = !edits.canUndo;
    nodes.buttons.redo.disabled = !edits.canRedo;
    nodes.buttons.reset.disabled = !edits.canUndo;
    const badge = count === 0 ? "" : fillIn(count === 1 ? model.texts.changed_one : model.texts.changed, { n: count });
    if (nodes.badge.textContent !== badge) nodes.badge.textContent = badge;
    nodes.unit.select.value = String(chosen.unit);
  }

  // What tests read: attributes of the root, and functions on it in hook.js.
  expose() {
    Object.assign(this.root.dataset, {
      ...this.choices(),
      depth: this.depth,
      cursor: this.chosen.step,
      revision: this.revision,
      ready: this.before !== null && this.engine.done === this.engine.steps,
      touch: this.model.touch,
      theme: this.painter.theme?.name ?? "",
      rippling: this.rippling,
    });
  }
}
