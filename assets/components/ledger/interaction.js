// Pointer and keys. Handlers are assigned, not added, so that wiring twice does no harm.

import { placeOn } from "../shared/live.js";

// What lies at a place of the stage: { kind: "map" | "bars" | "units" | "none", row, column, place }.
export function hitTest({ layout, model }, { x, y }) {
  const { start, plot, bars, map, list } = layout;
  const within = (from, length, at) => at >= from && at <= from + length;
  const inRows = within(map.top, map.height, y);
  const share = (from, length, at, count) => Math.min(Math.max(Math.floor(((at - from) / length) * count), 0), count - 1);
  const row = share(map.top, map.height, y, model.rows);
  let column = null;
  if (within(plot.left, plot.width, x)) column = share(plot.left, plot.width, x, model.rows);
  else if (within(start.left - 4, start.width + 6, x)) column = -1;
  if (column !== null && inRows) return { kind: "map", row, column };
  if (column !== null && within(bars.top - 4, bars.height + 8, y)) return { kind: "bars", row: null, column };
  if (within(list.top, list.height, y) && x >= list.left - 34) {
    return { kind: "units", row: null, column: null, place: share(list.top, list.height, y, model.units) };
  }
  return { kind: "none", row: null, column: null };
}

export function wirePointer(ledger) {
  const { stage } = ledger.nodes;
  let drag = null;

  stage.onpointerdown = (event) => {
    if (!ledger.layout || event.button > 0) return;
    ledger.nodes.saveBox.open = false;
    const hit = hitTest(ledger, placeOn(stage, event));
    if (hit.kind !== "map") return;
    drag = event.pointerId;
    stage.setPointerCapture(drag);
    ledger.setHover(null);
    ledger.choose(hit.row, hit.column);
  };

  stage.onpointermove = (event) => {
    if (!ledger.layout) return;
    const at = placeOn(stage, event);
    if (drag === event.pointerId) {
      const { map, plot } = ledger.layout;
      const inside = (value, from, length) => Math.min(Math.max(value, from + 0.01), from + length - 0.01);
      const hit = hitTest(ledger, { x: inside(at.x, ledger.layout.start.left, plot.left + plot.width), y: inside(at.y, map.top, map.height) });
      if (hit.kind === "map") ledger.choose(hit.row, hit.column);
      return;
    }
    const hit = hitTest(ledger, at);
    stage.style.cursor = { map: "crosshair", units: "pointer", bars: "crosshair" }[hit.kind] ?? "";
    ledger.setHover(hit.kind === "none" ? null : { ...hit, ...at });
  };

  const finish = (event) => {
    if (drag === event.pointerId) {
      drag = null;
      ledger.report(40);
      return;
    }
    if (event.type !== "pointerup") return;
    const hit = hitTest(ledger, placeOn(stage, event));
    if (hit.kind === "units") ledger.chooseUnit(ledger.model.order[hit.place], event.shiftKey || event.ctrlKey || event.metaKey);
  };
  stage.onpointerup = finish;
  stage.onpointercancel = finish;
  stage.onpointerleave = (event) => event.pointerType !== "touch" && ledger.setHover(null);
}

export const KEYS = {
  ArrowUp: "state before",
  ArrowDown: "state after",
  ArrowLeft: "source before",
  ArrowRight: "source after",
  Home: "first state",
  End: "last state",
  PageUp: "unit before",
  PageDown: "unit after",
  Escape: "all units",
};
