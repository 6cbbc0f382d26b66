// What tests read of a cell, and how they touch it as hands do.

import { ripple } from "./ripple.js";
import { terms } from "./sums.js";

// `edit` and the like do what a drag and a button do.
export function hookOf(cell) {
  return {
    numbers: (name) => Array.from(cell.engine[name]),
    terms: (gate, step, unit) => terms(cell.engine, gate, step, unit),
    ripple: () => ripple(cell.engine, cell.before),
    apart: () => cell.apart,
    operations: () => cell.engine.operations,
    edit: (edit, drag) => cell.edit(edit, drag),
    undo: () => cell.edited(cell.edits.undo()),
    redo: () => cell.edited(cell.edits.redo()),
    clear: () => cell.edited(cell.edits.clear()),
    edits: () => cell.edits.list,
    frames: () => cell.painter.costs,
  };
}
