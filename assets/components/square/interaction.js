// Pointer and keys. Handlers are assigned, not added, so that wiring twice does no harm. A press on the cross-hair takes
// it along, a drag elsewhere opens a rectangle, a press that does not move chooses the point under it.

import { keepKeys, tellKeys, wireKeys } from "../shared/keys.js";
import { isInside, placeAt } from "./layout.js";

const SLACK = 4;
const REACH = { mouse: 14, pen: 16, touch: 24 };

const CURSORS = { handle: "grab", point: "pointer", square: "crosshair", none: "" };

export function wirePointer(square) {
  const { stage } = square.nodes;
  let drag = null;
  const spot = (event) => {
    const box = stage.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const hitOf = ({ x, y }, type) => {
    const reach = REACH[type] ?? REACH.mouse;
    const handle = square.handle();
    if (Math.hypot(handle.x - x, handle.y - y) <= Math.max(reach, 13)) return { kind: "handle" };
    if (!isInside(square.layout, x, y, 8)) return { kind: "none" };
    const unit = square.unitAt(x, y, reach);
    return unit === null ? { kind: "square" } : { kind: "point", unit };
  };

  stage.onpointerdown = (event) => {
    if (!square.scene || event.button > 0) return;
    square.nodes.saveBox.open = false;
    const at = spot(event);
    const hit = hitOf(at, event.pointerType);
    if (hit.kind === "none") return;
    stage.setPointerCapture(event.pointerId);
    drag = { pointer: event.pointerId, hit, start: at, adds: event.shiftKey || event.ctrlKey || event.metaKey, moved: false };
    square.player.stop();
  };

  stage.onpointermove = (event) => {
    if (!square.scene) return;
    const at = spot(event);
    if (!drag) {
      const hit = hitOf(at, event.pointerType);
      stage.style.cursor = CURSORS[hit.kind];
      square.setHover(hit.kind === "none" ? null : { ...hit, ...at });
      return;
    }
    if (drag.pointer !== event.pointerId) return;
    if (!drag.moved && Math.hypot(at.x - drag.start.x, at.y - drag.start.y) <= SLACK) return;
    drag.moved = true;
    square.setHover(null);
    if (drag.hit.kind === "handle") square.dragTo(placeAt(square.layout, at.x, at.y));
    else square.setBand({ x0: drag.start.x, y0: drag.start.y, x1: at.x, y1: at.y });
  };

  const finish = (event, cancelled) => {
    if (!drag || drag.pointer !== event.pointerId) return;
    const { hit, moved, adds } = drag;
    drag = null;
    if (hit.kind === "handle") square.letGoOfHandle(moved && !cancelled);
    else if (moved && !cancelled) square.chooseBand(adds);
    else if (hit.kind === "point" && !cancelled) square.toggle(hit.unit);
    square.setBand(null);
    if (event.pointerType === "touch") square.setHover(hit.kind === "point" && !moved ? { ...hit, ...spot(event) } : null);
  };
  // A finger on the cross-hair takes it along; elsewhere, up and down is the page's own scrolling.
  stage.ontouchstart = (event) => {
    const touch = event.changedTouches[0];
    if (square.scene && hitOf(spot(touch), "touch").kind === "handle") event.preventDefault();
  };
  stage.onpointerup = (event) => finish(event, false);
  stage.onpointercancel = (event) => finish(event, true);
  stage.onpointerleave = (event) => event.pointerType !== "touch" && !drag && square.setHover(null);
}

const KEYS = {
  ArrowLeft: "back",
  ArrowRight: "forward",
  Home: "first",
  End: "last",
  ArrowUp: "unit before",
  ArrowDown: "unit after",
  Enter: "toggle",
  Escape: "clear",
  Delete: "let go",
  Backspace: "let go",
  " ": "play",
};

// With Shift the arrow keys move the cross-hair, by a twentieth of a side.
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

export function wireSquareKeys(square) {
  wireKeys(square, KEYS);
  tellKeys(square.nodes.stage, [...Object.keys(KEYS), ...Object.keys(MOVES).map((key) => `Shift+${key}`)]);
  const plain = square.root.onkeydown;
  square.root.onkeydown = (event) => {
    const move = event.shiftKey && MOVES[event.key];
    if (!move || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select, details")) {
      plain(event);
      return;
    }
    keepKeys(event);
    event.preventDefault();
    event.stopPropagation();
    square.nudge(move);
  };
}
