// One cell on the page: what it computes and what is chosen in it.

import { Reports } from "../shared/reports.js";
import { SLICE_OPERATIONS } from "./engine.js";
import { decodeCell, engineOf, farthest } from "./payload.js";
import { ripple } from "./ripple.js";
import { terms } from "./sums.js";

// What people had, by key: a picture that Streamlit takes down and puts up again goes on where it was.
const MEMORY = new Map();

export class Cell {
  constructor(root) {
    this.root = root;
    this.reports = new Reports(() => this.choices());
    this.chosen = {};
    this.revision = 0;
    this.frame = null;
    root.gatescope = this.testHook();
  }

  destroy() {
    if (this.model) MEMORY.set(this.model.key, { chosen: this.choices(), serial: this.serial, known: this.reports.known });
    this.reports.stop();
    cancelAnimationFrame(this.frame);
  }

  // New data, or the same under another theme.
  update(component) {
    this.reports.component = component;
    if (component.data === this.bytes) return;
    this.bytes = component.data;
    this.adopt(decodeCell(component.data));
    this.revision += 1;
    this.compute();
  }

  // Takes over a new model and keeps what still makes sense of what the person had chosen.
  adopt(model) {
    const before = this.model;
    const { command, source } = model;
    const memory = before ? null : MEMORY.get(model.key);
    const kept = before ? this.choices() : null;
    this.model = model;
    if (memory && memory.serial === command.serial) {
      this.chosen = { ...memory.chosen };
      this.reports.knows(memory.known);
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
    if (before?.source !== source) this.prepare();
    else if (this.before && this.edits.pack() !== this.chosen.edits) this.edits.load(this.chosen.edits);
  }

  // Another layer, input or setting: a new engine, which first computes what there is without any edit.
  prepare() {
    Object.assign(this, engineOf(this.model), { before: null });
  }

  choices() {
    return { ...this.chosen, edits: this.before ? this.edits.pack() : this.chosen.edits };
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
    this.reports.schedule(250);
    return true;
  }

  // What tests read: attributes of the root ...
  expose() {
    Object.assign(this.root.dataset, {
      ...this.choices(),
      revision: this.revision,
      ready: this.before !== null && this.engine.done === this.engine.steps,
      touch: this.model.touch,
    });
  }

  // ... and functions on it; `edit` and the like do what a drag and a button do.
  testHook() {
    return {
      numbers: (name) => Array.from(this.engine[name]),
      terms: (gate, step, unit) => terms(this.engine, gate, step, unit),
      ripple: () => ripple(this.engine, this.before),
      apart: () => this.apart,
      operations: () => this.engine.operations,
      edit: (edit, drag) => this.edit(edit, drag),
      undo: () => this.edited(this.edits.undo()),
      redo: () => this.edited(this.edits.redo()),
      clear: () => this.edited(this.edits.clear()),
      edits: () => this.edits.list,
    };
  }
}
