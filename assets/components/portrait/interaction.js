// A hand in the square, and the keys. Handlers are assigned, not added, so that wiring twice does no harm.

import { closeMenu, tellKeys, wireKeys } from "../shared/keys.js";
import { placeOn } from "../shared/live.js";
import { placeOf, stateAt } from "./picture.js";

const NEAR = 14;
const STRIDE = 0.05;

export const KEYS = { ArrowLeft: "back", ArrowRight: "forward", Home: "first", End: "last", " ": "play", Enter: "drop", Delete: "forget last", Backspace: "forget last" };
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

export function wirePointer(picture) {
  const { stage } = picture.nodes;
  let grip = null;

  const within = ({ x, y }) => {
    const { left, top, side } = picture.layout;
    return x >= left - 4 && x <= left + side + 4 && y >= top - 4 && y <= top + side + 4;
  };
  const nearest = ({ x, y }) =>
    picture.chosen.starts.findIndex((start) => {
      const [sx, sy] = placeOf(picture.layout, start);
      return Math.hypot(sx - x, sy - y) < NEAR;
    });

  stage.onpointerdown = (event) => {
    if (!picture.layout || event.button > 0) return;
    closeMenu(picture.nodes);
    const at = placeOn(stage, event);
    if (!within(at)) return;
    stage.focus({ preventScroll: true });
    // A finger may be about to scroll the page: it lets go of a state where it taps, when it leaves.
    const touch = event.pointerType === "touch";
    grip = { pointer: event.pointerId, touch, index: nearest(at), from: at };
    if (touch) return;
    stage.setPointerCapture(event.pointerId);
    if (grip.index < 0) grip.index = picture.drop(stateAt(picture.layout, at.x, at.y));
  };

  stage.onpointermove = (event) => {
    if (!picture.layout) return;
    const at = placeOn(stage, event);
    if (grip && grip.pointer === event.pointerId && !grip.touch) {
      if (Math.hypot(at.x - grip.from.x, at.y - grip.from.y) > 3) picture.moveStart(grip.index, stateAt(picture.layout, at.x, at.y));
      return;
    }
    if (event.pointerType !== "touch") picture.setHover(within(at) ? at : null);
  };

  stage.onpointerup = (event) => {
    if (!grip || grip.pointer !== event.pointerId) return;
    const at = placeOn(stage, event);
    if (grip.touch && within(at) && Math.hypot(at.x - grip.from.x, at.y - grip.from.y) < NEAR) {
      if (grip.index < 0) picture.drop(stateAt(picture.layout, at.x, at.y));
      else picture.act("forget at", grip.index);
    }
    grip = null;
    picture.report(40);
  };
  stage.onpointercancel = () => {
    grip = null;
  };
  stage.onpointerleave = () => picture.setHover(null);
}

export function wireSquareKeys(picture) {
  wireKeys(picture, KEYS);
  tellKeys(picture.nodes.stage, [...Object.keys(KEYS), "Shift+ArrowLeft", "Shift+ArrowRight", "Shift+ArrowUp", "Shift+ArrowDown"]);
  const plain = picture.root.onkeydown;
  picture.root.onkeydown = (event) => {
    const way = event.shiftKey && WAYS[event.key];
    if (!way || event.target !== picture.nodes.stage) return plain(event);
    event.preventDefault();
    event.stopPropagation();
    const { cross } = picture;
    picture.cross = (cross ?? [0, 0]).map((value, unit) => Math.min(Math.max(value + STRIDE * way[unit] * (cross ? 1 : 0), -1), 1));
    return picture.soon();
  };
}
