// What fingers, pointers and keys do to the drawing. Handlers are assigned, not added, so that wiring twice does no
// harm. A value follows the pointer up and down; a press that does not move chooses a unit.

import { keepKeys } from "../shared/keys.js";

const SLACK = 4;
// Pixels from one end of a gate to the other.
const TRAVEL = 110;

export const CELL_KEYS = {
  ArrowLeft: "back",
  ArrowRight: "forward",
  Home: "first",
  End: "last",
  " ": "play",
  Escape: "let go",
};

function placeIn(drawing, layout, event) {
  const box = drawing.getBoundingClientRect();
  return { x: ((event.clientX - box.left) / box.width) * layout.width, y: event.clientY - box.top };
}

// What can be dragged at a place: { kind: "gate" | "x" | "h0", units or index, value } or null.
function grabbed(cell, target, at) {
  const grip = target.closest("[data-grip]");
  if (grip) return { kind: "gate", gate: grip.dataset.grip, units: "all", value: cell.meanOf(grip.dataset.grip) };
  const name = target.closest("[data-part]")?.dataset.part;
  const vector = name && cell.diagram.vectors[name];
  if (!vector || !target.classList.contains("hit")) return null;
  const { first, last } = vector.entryAt(at.x);
  const place = { entry: first, name };
  if (name === "R" || name === "Z") {
    const units = Array.from({ length: last - first + 1 }, (_, more) => first + more);
    return { ...place, kind: "gate", gate: name, units, value: cell.valueOf(name, first) };
  }
  if (name === "X" && !cell.isSymbolic) return { ...place, kind: "x", index: first, value: cell.valueOf(name, first) };
  if (name === "H_prev" && cell.atFirst) return { ...place, kind: "h0", unit: first, value: cell.valueOf(name, first) };
  return { ...place, kind: "choose" };
}

export function wireDrawing(cell) {
  const { drawing } = cell.nodes;
  let drag = null;
  let counted = 0;

  drawing.onpointerdown = (event) => {
    if (event.button > 0 || !cell.diagram) return;
    const at = placeIn(drawing, cell.layout, event);
    const found = grabbed(cell, event.target, at);
    if (!found) return;
    drag = { ...found, pointer: event.pointerId, startY: at.y, moved: false, id: `drag ${(counted += 1)}`, target: event.target };
    drawing.setPointerCapture(event.pointerId);
    if (found.kind !== "choose") cell.player.stop();
    if (drag.entry !== undefined) cell.chooseEntry(drag.name, drag.entry);
  };

  drawing.onpointermove = (event) => {
    if (!cell.diagram) return;
    if (!drag || drag.pointer !== event.pointerId) {
      cell.point(event.target.closest("[data-symbol]")?.dataset.symbol ?? "");
      return;
    }
    const { y } = placeIn(drawing, cell.layout, event);
    if (!drag.moved && Math.abs(y - drag.startY) <= SLACK) return;
    if (drag.kind === "choose" || !cell.isTouchable) return;
    drag.moved = true;
    cell.grab(true);
    const reach = drag.kind === "gate" ? 1 : 2;
    cell.setValue(drag, drag.value + ((drag.startY - y) / TRAVEL) * reach, drag.id);
  };

  const finish = (event) => {
    if (!drag || drag.pointer !== event.pointerId) return;
    const { moved } = drag;
    drag = null;
    cell.grab(false);
    cell.report(moved ? 40 : 200);
  };
  drawing.onpointerup = finish;
  drawing.onpointercancel = finish;
  drawing.onpointerleave = () => !drag && cell.point("");
  drawing.onclick = (event) => {
    if (event.target.classList.contains("hit") || event.target.closest("[data-grip]")) return;
    const symbol = event.target.closest("[data-symbol]")?.dataset.symbol.split(" ")[0];
    if (symbol && symbol !== "cell") cell.act("pin", symbol);
  };
}

// A gate that has the focus: up and down change it, Page Up and Page Down choose the unit.
export function wireGateKeys(cell, node, gate, all) {
  node.onkeydown = (event) => {
    keepKeys(event);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const by = { ArrowUp: 0.05, ArrowDown: -0.05 }[event.key];
    const unit = { PageUp: -1, PageDown: 1 }[event.key];
    if (by === undefined && unit === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (unit !== undefined) cell.act("unit", cell.chosen.unit + unit);
    else if (cell.isTouchable) {
      cell.player.stop();
      const units = all ? "all" : [cell.chosen.unit];
      const value = all ? cell.meanOf(gate) : cell.valueOf(gate, cell.chosen.unit);
      // Steps of the key lie on multiples of themselves, whatever was learned.
      const next = Math.round((value + by) * 20) / 20;
      cell.setValue({ kind: "gate", gate, units }, next, `keys ${gate} ${cell.chosen.step} ${all ? "all" : cell.chosen.unit}`);
      cell.report(300);
    }
  };
}

// The time line: a press anywhere on it is a step, dragging goes on.
export function wireTimeline(cell) {
  const { timeline } = cell.nodes;
  let pointer = null;
  const go = (event) => cell.scrubTo(event.clientX - timeline.getBoundingClientRect().left);
  timeline.onpointerdown = (event) => {
    if (event.button > 0 || !cell.strips) return;
    pointer = event.pointerId;
    timeline.setPointerCapture(pointer);
    cell.player.stop();
    go(event);
  };
  timeline.onpointermove = (event) => {
    if (pointer === event.pointerId) go(event);
    else cell.point(cell.stripAt(event.clientY - timeline.getBoundingClientRect().top));
  };
  const finish = (event) => {
    if (pointer !== event.pointerId) return;
    pointer = null;
    cell.report(40);
  };
  timeline.onpointerup = finish;
  timeline.onpointercancel = finish;
  timeline.onpointerleave = () => pointer === null && cell.point("");
}
